import { expect, it } from 'vitest';

import { pieces } from './marks';
import { fold, wordStarts } from './text';

it.each([
  ['AmazonRDSFullAccess', ['Amazon', 'RDS', 'Full', 'Access']],
  ['payments-prod_eu2', ['payments', 'prod', 'eu', '2']],
  ['S3 ReadOnly', ['S', '3', 'Read', 'Only']],
  ['Konto für Übung', ['Konto', 'für', 'Übung']],
])('finds the words of %s', (text, words) => {
  const starts = wordStarts(text);
  expect(starts).toEqual(words.map((word) => text.indexOf(word)));
});

it('folds without moving any letter', () => {
  for (const text of ['Zürich', 'İstanbul', 'ﬁnance', '𝔄dmin', 'e\u0301te\u0301']) {
    expect(fold(text)).toHaveLength(text.length);
  }
  expect(fold('Zürich')).toBe('zurich');
});

it('cuts a text at its marks', () => {
  expect(pieces('Billing', [0, 1, 4, 1])).toEqual([
    { text: 'Bi', marked: true },
    { text: 'll', marked: false },
    { text: 'i', marked: true },
    { text: 'ng', marked: false },
  ]);
});
