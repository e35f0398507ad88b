import type { RoleId } from './backend/types';

/** Which window this page is, from the query of its address. */
export type ShownWindow =
  | { kind: 'search' }
  | { kind: 'settings' }
  | { kind: 'sign-in'; session: string }
  | { kind: 'mfa-code'; role: RoleId };

/**
 * Reads `?window=search|settings|sign-in|mfa-code`, with `session=NAME` for the last two and
 * `accountId` and `roleName` for the last; anything else is the search.
 */
export function windowOf(parameters: URLSearchParams): ShownWindow {
  const session = parameters.get('session');
  switch (parameters.get('window')) {
    case 'settings':
      return { kind: 'settings' };
    case 'sign-in':
      return session === null ? { kind: 'settings' } : { kind: 'sign-in', session };
    case 'mfa-code': {
      const accountId = parameters.get('accountId');
      const roleName = parameters.get('roleName');
      if (session === null || accountId === null || roleName === null) return { kind: 'search' };
      return { kind: 'mfa-code', role: { session, accountId, roleName } };
    }
    default:
      return { kind: 'search' };
  }
}
