import type { RoleId } from './backend/types';

/** A text that is equal for equal role ids only. */
export function roleKey({ session, accountId, roleName }: RoleId): string {
  return [session, accountId, roleName].join('\n');
}
