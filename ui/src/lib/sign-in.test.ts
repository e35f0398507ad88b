import { expect, it } from 'vitest';

import { SCENARIOS } from './backend/scenarios';
import type { Session, Snapshot } from './backend/types';
import { stageOf } from './sign-in';

const FAILURE = { code: 'refused', message: 'You refused the request.', nextStep: 'Try again.' };

function usual(change: Partial<Session>): Snapshot {
  const snapshot = SCENARIOS.usual!();
  return { ...snapshot, sessions: snapshot.sessions.map((session) => ({ ...session, ...change })) };
}

it.each<[string, Snapshot]>([
  ['gone', SCENARIOS.empty!()],
  ['start', usual({ state: 'signed_out' })],
  ['start', usual({ state: 'expired' })],
  ['browser', SCENARIOS.pkce!()],
  ['browser', usual({ state: 'signing_in' })],
  ['code', SCENARIOS.device!()],
  ['done', usual({ state: 'signed_in' })],
  ['failed', usual({ state: 'signed_out', problem: FAILURE })],
  ['failed', usual({ state: 'expired', problem: FAILURE })],
])('is at the stage %s', (kind, snapshot) => {
  expect(stageOf(snapshot, 'acme').kind).toBe(kind);
});
