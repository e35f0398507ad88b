/** Which window this page is, from the query of its address. */
export type ShownWindow =
  { kind: 'search' } | { kind: 'settings' } | { kind: 'sign-in'; session: string };

/** Reads `?window=search|settings|sign-in&session=NAME`; anything else is the search. */
export function windowOf(parameters: URLSearchParams): ShownWindow {
  const session = parameters.get('session');
  switch (parameters.get('window')) {
    case 'settings':
      return { kind: 'settings' };
    case 'sign-in':
      return session === null ? { kind: 'settings' } : { kind: 'sign-in', session };
    default:
      return { kind: 'search' };
  }
}
