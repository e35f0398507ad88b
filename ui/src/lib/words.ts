import type { Session } from './backend/types';

/** What a session's state is called, with user and end once they were learned. */
export function stateWords(session: Session, now: Date, locale?: string): string {
  switch (session.state) {
    case 'signed_in': {
      const who = session.user ? ` as ${session.user}` : '';
      const until = session.until ? ` until about ${momentWords(session.until, now, locale)}` : '';
      return `Signed in${who}${until}`;
    }
    case 'signing_in':
      return 'Signing in…';
    case 'expired':
      return 'Sign in needed';
    case 'signed_out':
      return 'Signed out';
  }
}

/** An RFC 3339 time in the user's own zone: the time alone today, else with the day. */
export function momentWords(moment: string, now: Date, locale?: string): string {
  const at = new Date(moment);
  const sameDay = at.toDateString() === now.toDateString();
  const day = { weekday: 'short', day: 'numeric', month: 'short' } as const;
  return new Intl.DateTimeFormat(locale, {
    ...(sameDay ? {} : day),
    hour: '2-digit',
    minute: '2-digit',
  }).format(at);
}
