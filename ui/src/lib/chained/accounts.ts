import type { Role } from '../backend/types';

/** An account of a portal, and the roles in it. */
export interface Account {
  /** Equal for equal accounts of one portal only. */
  key: string;
  label: string;
  roles: Role[];
}

/** The accounts of these roles, in their order; with the portal's name where there are several. */
export function accountsOf(roles: readonly Role[]): Account[] {
  const several = new Set(roles.map(({ session }) => session)).size > 1;
  const accounts = new Map<string, Account>();
  for (const role of roles) {
    const key = `${role.session}\n${role.accountId}`;
    const known = accounts.get(key);
    if (known) known.roles.push(role);
    else accounts.set(key, { key, label: label(role, several), roles: [role] });
  }
  return [...accounts.values()];
}

function label({ accountName, accountId, session }: Role, withSession: boolean): string {
  const named = accountName === accountId ? accountId : `${accountName} (${accountId})`;
  return withSession ? `${named} · ${session}` : named;
}
