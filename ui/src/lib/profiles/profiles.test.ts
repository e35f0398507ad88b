import { expect, it } from 'vitest';

import { FakeProfiles } from '../backend/fake-profiles';
import { SCENARIOS } from '../backend/scenarios';
import { diffLines } from './diff';
import { previewWords, removedWords, writtenWords } from './words';

const ALL = { only: 'payments-*', nameTemplate: '{account}-{role}', region: null };
const { roles } = SCENARIOS.usual!();

it('tells the lines of a diff apart', () => {
  const changes = '--- f\n+++ f\n@@ -1,1 +1,2 @@ a\n--- old\n++++ new\n+\n';
  const kinds = diffLines(changes, 10).lines.map(({ kind }) => kind);
  expect(kinds).toEqual(['file', 'file', 'place', 'removed', 'added', 'added']);
  expect(diffLines(changes, 4)).toMatchObject({ left: 2, lines: { length: 4 } });
});

it('says what would be done, what was done and what was undone', () => {
  const profiles = new FakeProfiles();
  expect(previewWords(profiles.preview(ALL, roles))).toBe('5 new profiles would be written.');
  expect(writtenWords(profiles.write(ALL, roles))).toMatch(/^5 new profiles in .+, 0 stood/);
  expect(previewWords(profiles.preview(ALL, roles))).toMatch(/^Nothing would change/);
  expect(removedWords(profiles.remove('*-billing'))).toBe('Removed 1 profile.');
});
