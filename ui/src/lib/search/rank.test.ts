import { describe, expect, it } from 'vitest';

import type { Role } from '../backend/types';
import { index, search } from './rank';

let accounts = 0;

function role(accountName: string, roleName: string, change: Partial<Role> = {}): Role {
  return {
    session: 'acme',
    accountId: String(++accounts).padStart(12, '5'),
    accountName,
    roleName,
    favourite: false,
    kept: false,
    recent: null,
    ...change,
  };
}

function found(roles: Role[], query: string): string[] {
  return search(index(roles, new Map()), query).map(
    (hit) => `${hit.role.accountName}/${hit.role.roleName}`,
  );
}

describe('without a query', () => {
  it('lists favourites, then recents with the last used first, then the rest as given', () => {
    const roles = [
      role('Audit', 'Reader'),
      role('Build', 'Reader', { recent: 1 }),
      role('Core', 'Reader', { recent: 0 }),
      role('Data', 'Reader', { favourite: true }),
      role('Edge', 'Reader'),
    ];
    expect(found(roles, ' ').map((name) => name[0])).toEqual(['D', 'C', 'B', 'A', 'E']);
  });
});

describe('with a query', () => {
  it('ranks the beginning of a word above its inside, and both above scattered letters', () => {
    const roles = [
      role('Paradise Road', 'Reader'),
      role('Unproductive', 'Reader'),
      role('Main Production', 'Reader'),
    ];
    expect(found(roles, 'prod')).toEqual([
      'Main Production/Reader',
      'Unproductive/Reader',
      'Paradise Road/Reader',
    ]);
  });

  it('ranks favourites and recents first among equal fits only', () => {
    const roles = [
      role('Production', 'Reader'),
      role('Products', 'Reader', { recent: 0 }),
      role('Prodigy', 'Reader', { favourite: true }),
      role('Reproduce', 'Reader', { favourite: true }),
    ];
    expect(found(roles, 'prod').map((name) => name.split('/')[0])).toEqual([
      'Prodigy',
      'Products',
      'Production',
      'Reproduce',
    ]);
  });

  it('wants every word, in any order and from any field', () => {
    const roles = [
      role('Payments Production', 'ReadOnlyAccess'),
      role('Payments Staging', 'ReadOnlyAccess', { accountId: '999988887777' }),
      role('Payments Production', 'Billing'),
    ];
    expect(found(roles, 'read prod')).toEqual(['Payments Production/ReadOnlyAccess']);
    expect(found(roles, '9999 pay')).toEqual(['Payments Staging/ReadOnlyAccess']);
    expect(found(roles, 'acme bill')).toEqual(['Payments Production/Billing']);
    expect(found(roles, 'read nowhere')).toEqual([]);
  });

  it('finds humps and acronyms in names of permission sets', () => {
    const roles = [role('Sandbox', 'PowerUserAccess'), role('Sandbox', 'AmazonRDSFullAccess')];
    expect(found(roles, 'pua')).toEqual(['Sandbox/PowerUserAccess']);
    expect(found(roles, 'rds')).toEqual(['Sandbox/AmazonRDSFullAccess']);
    expect(found(roles, 'rfa')).toEqual(['Sandbox/AmazonRDSFullAccess']);
  });

  it('does not mind case and accents', () => {
    expect(found([role('Zürich', 'Reader')], 'ZURICH')).toEqual(['Zürich/Reader']);
    expect(found([role('Zurich', 'Reader')], 'zürich')).toEqual(['Zurich/Reader']);
  });

  it('tells which letters fit', () => {
    const [hit] = search(index([role('Payments', 'PowerUserAccess')], new Map()), 'pay pua');
    expect(hit!.accountName).toEqual([0, 1, 2]);
    expect(hit!.roleName).toEqual([0, 5, 9]);
  });
});

it('keeps rows in their places while favourites change', () => {
  const standings = new Map<string, number>();
  const before = [role('Audit', 'Reader'), role('Build', 'Reader')];
  index(before, standings);
  const after = [before[0]!, { ...before[1]!, favourite: true }];
  const names = search(index(after, standings), '').map((hit) => hit.role.accountName);
  expect(names).toEqual(['Audit', 'Build']);
});

it('takes no exponential time over letters that repeat', () => {
  const roles = [role('a '.repeat(60), 'a-'.repeat(60))];
  expect(found(roles, 'a'.repeat(30) + 'b')).toEqual([]);
});
