import type { Failure, Session, SignIn, Snapshot } from './backend/types';

/** What the sign-in window shows. */
export type Stage =
  | { kind: 'gone' }
  | { kind: 'start' }
  | { kind: 'browser' }
  | { kind: 'code'; signIn: SignIn & { userCode: string } }
  | { kind: 'done'; session: Session }
  | { kind: 'failed'; failure: Failure };

/** How far the sign-in to the portal `name` is. */
export function stageOf(snapshot: Snapshot, name: string): Stage {
  const session = snapshot.sessions.find((known) => known.name === name);
  if (!session) return { kind: 'gone' };
  const signIn = snapshot.signIns.find((known) => known.session === name);
  if (signIn) return hasCode(signIn) ? { kind: 'code', signIn } : { kind: 'browser' };
  if (session.state === 'signed_in') return { kind: 'done', session };
  if (session.state === 'signing_in') return { kind: 'browser' };
  return session.problem ? { kind: 'failed', failure: session.problem } : { kind: 'start' };
}

function hasCode(signIn: SignIn): signIn is SignIn & { userCode: string } {
  return signIn.userCode !== null;
}
