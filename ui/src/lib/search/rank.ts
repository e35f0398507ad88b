import type { Role } from '../backend/types';
import { roleKey } from '../role';
import { field, Fit, matchField, type Field } from './match';
import { fold } from './text';

/** A role made ready for being searched. */
export interface Entry {
  key: string;
  role: Role;
  /** Lower stands higher among equal fits: favourites, then roles used lately, then the rest. */
  standing: number;
  fields: { accountName: Field; roleName: Field; accountId: Field; session: Field };
}

/** A role that fits the query, and which letters of its names to show as fitting. */
export interface Hit {
  key: string;
  role: Role;
  accountName: number[];
  roleName: number[];
}

type FieldName = keyof Entry['fields'];

const FAVOURITE = -1;
const FIELD_NAMES: FieldName[] = ['accountName', 'roleName', 'accountId', 'session'];

/**
 * Makes `roles` ready. `standings` remembers how each role stood when first seen, so that rows
 * keep their places while the user marks favourites; roles new to it are added.
 */
export function index(roles: Role[], standings: Map<string, number>): Entry[] {
  return roles.map((role) => {
    const key = roleKey(role);
    const standing = standings.get(key) ?? standingOf(role);
    standings.set(key, standing);
    return {
      key,
      role,
      standing,
      fields: {
        accountName: field(role.accountName),
        roleName: field(role.roleName),
        accountId: field(role.accountId),
        session: field(role.session),
      },
    };
  });
}

/**
 * The entries that fit every word of `query`, best first: by the fit of the worst word, then by
 * standing, then by how many words fit worse, then in the order given.
 */
export function search(entries: Entry[], query: string): Hit[] {
  const terms = fold(query).split(/\s+/).filter(Boolean);
  return entries
    .map((entry) => ({ entry, match: matchEntry(entry, terms) }))
    .filter((found): found is Found => found.match !== null)
    .sort(
      (a, b) =>
        a.match.worst - b.match.worst ||
        a.entry.standing - b.entry.standing ||
        a.match.total - b.match.total,
    )
    .map(({ entry: { key, role }, match: { accountName, roleName } }) => ({
      key,
      role,
      accountName,
      roleName,
    }));
}

interface EntryMatch {
  worst: Fit;
  total: number;
  accountName: number[];
  roleName: number[];
}

interface Found {
  entry: Entry;
  match: EntryMatch;
}

function standingOf(role: Role): number {
  return role.favourite ? FAVOURITE : (role.recent ?? Number.MAX_SAFE_INTEGER);
}

function matchEntry(entry: Entry, terms: string[]): EntryMatch | null {
  const match: EntryMatch = { worst: Fit.Prefix, total: 0, accountName: [], roleName: [] };
  for (const term of terms) {
    const best = bestField(entry, term);
    if (!best) return null;
    match.worst = Math.max(match.worst, best.fit);
    match.total += best.fit;
    if (best.name === 'accountName' || best.name === 'roleName') {
      match[best.name].push(...best.places);
    }
  }
  return match;
}

function bestField(entry: Entry, term: string) {
  let best: { name: FieldName; fit: Fit; places: number[] } | null = null;
  for (const name of FIELD_NAMES) {
    const match = matchField(entry.fields[name], term);
    if (match && (!best || match.fit < best.fit)) best = { name, ...match };
  }
  return best;
}
