import type { Failure, Session, SignIn, Snapshot } from './backend/types';

/** What the sign-in window shows. */
export type Stage =
  | { kind: 'gone' }
  | { kind: 'start' }
  | { kind: 'browser'; starting: boolean }
  | { kind: 'code'; signIn: SignIn & { userCode: string } }
  | { kind: 'done'; session: Session }
  | { kind: 'failed'; failure: Failure };

/** What a screen reader says when the window comes to show `stage`. */
export function announcement(stage: Stage, name: string): string {
  switch (stage.kind) {
    case 'code':
      return `The code is ${stage.signIn.userCode}. Waiting for you to allow it.`;
    case 'browser':
      return 'Continue in the browser. Waiting.';
    case 'done':
      return `You are signed in to ${name}.`;
    case 'failed':
      return `${stage.failure.message} ${stage.failure.nextStep}`;
    case 'gone':
      return `There is no portal named ${name}.`;
    case 'start':
      return '';
  }
}

/** How far the sign-in to the portal `name` is. */
export function stageOf(snapshot: Snapshot, name: string): Stage {
  const session = snapshot.sessions.find((known) => known.name === name);
  if (!session) return { kind: 'gone' };
  const signIn = snapshot.signIns.find((known) => known.session === name);
  if (signIn && hasCode(signIn)) return { kind: 'code', signIn };
  if (signIn) return { kind: 'browser', starting: signIn.phase === 'starting' };
  if (session.state === 'signed_in') return { kind: 'done', session };
  if (session.state === 'signing_in') return { kind: 'browser', starting: true };
  return session.problem ? { kind: 'failed', failure: session.problem } : { kind: 'start' };
}

function hasCode(signIn: SignIn): signIn is SignIn & { userCode: string } {
  return signIn.userCode !== null;
}
