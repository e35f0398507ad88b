import { describe, expect, it } from 'vitest';

import { SCENARIOS } from './backend/scenarios';
import { deviceName, digitsOf, wantedCode } from './mfa-code';

describe('wantedCode', () => {
  const snapshot = SCENARIOS['mfa-code']!();
  const [code] = snapshot.mfaCodes;

  it('is that of the role, in its account and session', () => {
    expect(wantedCode(snapshot, code!)).toBe(code);
    expect(wantedCode(snapshot, { ...code!, session: 'other' })).toBeNull();
    expect(wantedCode(snapshot, { ...code!, accountId: '000000000000' })).toBeNull();
  });
});

describe('digitsOf', () => {
  it('takes six digits, grouped or not', () => {
    expect(digitsOf('123456')).toBe('123456');
    expect(digitsOf(' 123 456 ')).toBe('123456');
  });

  it.each(['', '12345', '1234567', '12345a', '１２３４５６'])('does not take “%s”', (typed) => {
    expect(digitsOf(typed)).toBeNull();
  });
});

it('names a device by the last part of its ARN, or by its serial number', () => {
  expect(deviceName('arn:aws:iam::111122223333:mfa/alex')).toBe('alex');
  expect(deviceName('GAHT12345678')).toBe('GAHT12345678');
});
