import { describe, expect, it } from 'vitest';

import { SCENARIOS } from '../backend/scenarios';
import { accountsOf } from './accounts';
import { chainedOf, checkForm, EMPTY, fieldOf, nameOf } from './form';

const GOOD = {
  ...EMPTY,
  account: 'acme\n111122223333',
  source: 'SecurityAudit',
  roleArn: ' arn:aws:iam::222233334444:role/ReadLogs ',
  name: 'logs',
};

describe('checkForm', () => {
  it.each([[{}], [{ duration: ' 900 ' }], [{ tags: 'Case=4711' }], [{ tags: ' A=, B=c=d ,' }]])(
    'accepts %o',
    (change) => {
      expect(checkForm({ ...GOOD, ...change })).toEqual({});
    },
  );

  it.each([
    ['account', { account: '' }],
    ['source', { source: '' }],
    ['roleArn', { roleArn: ' ' }],
    ['name', { name: ' ' }],
    ['duration', { duration: 'an hour' }],
    ['duration', { duration: '-900' }],
    ['tags', { tags: 'Case=4711, Team' }],
    ['tags', { tags: '=4711' }],
  ])('names the field %s for %o', (field, change) => {
    expect(Object.keys(checkForm({ ...GOOD, ...change }))).toEqual([field]);
  });
});

it('sends what was typed without the blanks around it, and nothing for what was left empty', () => {
  expect(chainedOf({ ...GOOD, duration: '900', tags: 'Case = 4711, Path=a=b' })).toEqual({
    name: 'logs',
    roleArn: 'arn:aws:iam::222233334444:role/ReadLogs',
    sessionName: null,
    durationSeconds: 900,
    externalId: null,
    tags: { Case: '4711', Path: 'a=b' },
    sourceIdentity: null,
    mfaSerial: null,
  });
});

it('calls a role as its ARN does, where that can be a name', () => {
  expect(nameOf('arn:aws:iam::222233334444:role/team/Read.Logs')).toBe('Read.Logs');
  expect(nameOf('arn:aws:iam::222233334444:role/a+b')).toBe('');
  expect(nameOf('ReadLogs')).toBe('');
});

it('shows a refusal at the field it is about', () => {
  const refusal = { code: 'bad_request', message: '', nextStep: '' };
  expect(fieldOf({ ...refusal, field: 'mfaSerial' })).toBe('mfaSerial');
  expect(fieldOf({ ...refusal, field: 'elsewhere' })).toBeNull();
  expect(fieldOf(refusal)).toBeNull();
});

it('tells accounts of several portals apart', () => {
  const one = accountsOf(SCENARIOS.usual!().roles);
  expect(one.map(({ label }) => label).slice(0, 2)).toEqual([
    'Audit (111122223333)',
    'Data Platform (222233334444)',
  ]);
  expect(one[1]!.roles.map(({ roleName }) => roleName)).toEqual([
    'DatabaseAdministrator',
    'ReadOnlyAccess',
  ]);
  const two = accountsOf(SCENARIOS['two-portals']!().roles);
  expect(two.at(-1)!.label).toBe('Research (777788889999) · lab');
});
