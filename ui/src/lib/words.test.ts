import { expect, it } from 'vitest';

import { SCENARIOS } from './backend/scenarios';
import type { Session } from './backend/types';
import { stateWords } from './words';

const NOW = new Date(2026, 10, 22, 9, 0);
const SESSION: Session = { ...SCENARIOS.usual!().sessions[0]!, user: null };

function words(change: Partial<Session>): string {
  return stateWords({ ...SESSION, ...change }, NOW, 'en-GB');
}

it('tells who is signed in and until when, as far as that is known', () => {
  expect(words({})).toBe('Signed in');
  expect(words({ user: 'alex' })).toBe('Signed in as alex');
  expect(words({ until: new Date(2026, 10, 22, 18, 30).toISOString() })).toBe(
    'Signed in until about 18:30',
  );
});

it('names the day of an end that is not today', () => {
  const until = new Date(2026, 10, 24, 18, 30).toISOString();
  expect(words({ until })).toBe('Signed in until about Tue 24 Nov, 18:30');
});

it('says when the user has to act', () => {
  expect(words({ state: 'expired' })).toBe('Sign in needed');
  expect(words({ state: 'signing_in' })).toBe('Signing in…');
  expect(words({ state: 'signed_out' })).toBe('Signed out');
});
