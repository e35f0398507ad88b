import type { AllProfiles, Backend, ConsoleDoor, NewPortal, SignInFlow } from './backend';
import { FakeProfiles } from './fake-profiles';
import type {
  Chained,
  Delivery,
  Failure,
  FoundPortal,
  Imported,
  KeptRole,
  ProfilesReport,
  Role,
  RoleId,
  Session,
  Snapshot,
} from './types';
import { roleKey } from '../role';

/** The demonstration's start URL, as the fake's `tryDemonstration` adds it. */
const DEMONSTRATION: NewPortal = {
  startUrl: 'http://localhost:4180/start',
  region: 'us-east-1',
  name: 'demonstration',
};

/**
 * An agent in memory for tests and for working on the windows without one. It changes its
 * snapshot as the agent would, but a sign-in ends only when told: {@link finishSignIn}.
 */
export class FakeBackend implements Backend {
  /** What was asked, in order, such as `openConsole shop 111122223333 Billing`. */
  readonly calls: string[] = [];

  #snapshot: Snapshot;
  #listeners = new Set<(snapshot: Snapshot) => void>();
  #refusals = new Map<keyof Backend, Failure>();
  #importable: FoundPortal[];
  #profiles = new FakeProfiles();

  constructor(snapshot: Snapshot, importable: FoundPortal[] = []) {
    this.#snapshot = snapshot;
    this.#importable = importable;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Makes the next call of `method` fail. */
  refuse(method: keyof Backend, failure: Failure): void {
    this.#refusals.set(method, failure);
  }

  /** Lets the sign-in under way succeed. */
  finishSignIn(name: string): void {
    this.#endSignIn(name, { state: 'signed_in', problem: null, user: 'alex' });
  }

  /** Lets the sign-in under way fail. */
  failSignIn(name: string, problem: Failure): void {
    this.#endSignIn(name, { state: 'signed_out', problem });
  }

  async watch(changed: (snapshot: Snapshot) => void): Promise<() => void> {
    this.#listeners.add(changed);
    changed(this.#snapshot);
    return () => this.#listeners.delete(changed);
  }

  async openConsole(role: RoleId): Promise<void> {
    this.#called('openConsole', ...roleWords(role));
  }

  async copyCredentials(role: RoleId): Promise<void> {
    this.#called('copyCredentials', ...roleWords(role));
  }

  async copyEndpoint(role: RoleId): Promise<void> {
    this.#called('copyEndpoint', ...roleWords(role));
  }

  async setFavourite(role: RoleId, favourite: boolean): Promise<void> {
    this.#called('setFavourite', ...roleWords(role), favourite);
    this.#changeRole(role, { favourite });
  }

  async setKept(role: RoleId, delivery: Delivery, kept: boolean): Promise<void> {
    this.#called('setKept', ...roleWords(role), delivery, kept);
    if (delivery === 'process') this.#changeRole(role, { kept });
    const before = this.#snapshot.kept.find((one) => roleKey(one) === roleKey(role));
    const changed = keptRole(role, this.#snapshot.roles, before);
    if (kept) changed.profiles[delivery] = `profile-${delivery}`;
    else delete changed.profiles[delivery];
    const others = this.#snapshot.kept.filter((one) => one !== before);
    const stays = Object.keys(changed.profiles).length > 0;
    this.#set({ kept: stays ? [...others, changed].sort(byName) : others });
  }

  async signIn(name: string, flow: SignInFlow): Promise<void> {
    this.#called('signIn', name, flow);
    const session = this.#snapshot.sessions.find((known) => known.name === name);
    const page = `${session?.startUrl}/#/device`;
    const others = this.#snapshot.signIns.filter((signIn) => signIn.session !== name);
    const codes =
      flow === 'device'
        ? {
            userCode: 'BCDF-GHJK',
            verificationUri: page,
            verificationUriComplete: `${page}?user_code=BCDF-GHJK`,
          }
        : { userCode: null, verificationUri: null, verificationUriComplete: null };
    this.#set({ signIns: [...others, { session: name, flow, phase: 'waiting', ...codes }] });
    this.#changeSession(name, { state: 'signing_in', problem: null });
  }

  async cancelSignIn(name: string): Promise<void> {
    this.#called('cancelSignIn', name);
    this.#endSignIn(name, { state: 'signed_out', problem: null });
  }

  async signOut(name: string): Promise<void> {
    this.#called('signOut', name);
    this.#changeSession(name, { state: 'signed_out', until: null });
  }

  async openSignInPage(name: string): Promise<void> {
    this.#called('openSignInPage', name);
  }

  async enterMfaCode(role: RoleId, code: string): Promise<void> {
    this.#called('enterMfaCode', ...roleWords(role), code);
    this.#endMfaCode(role);
  }

  async cancelMfaCode(role: RoleId): Promise<void> {
    this.#called('cancelMfaCode', ...roleWords(role));
    this.#endMfaCode(role);
  }

  async addPortal(portal: NewPortal): Promise<string> {
    this.#called('addPortal', portal.startUrl, portal.region, portal.name);
    return this.#addPortal(portal);
  }

  async #addPortal(portal: NewPortal): Promise<string> {
    const name = portal.name ?? new URL(portal.startUrl).hostname.split('.', 1)[0]!;
    const session: Session = {
      name,
      startUrl: portal.startUrl,
      region: portal.region,
      state: 'signed_out',
      until: null,
      user: null,
      problem: null,
      console: 'federation',
      sharesSignIn: false,
      listing: false,
    };
    this.#set({ sessions: [...this.#snapshot.sessions, session] });
    return name;
  }

  async removePortal(name: string): Promise<void> {
    this.#called('removePortal', name);
    this.#set({
      sessions: this.#snapshot.sessions.filter((session) => session.name !== name),
      roles: this.#snapshot.roles.filter((role) => role.session !== name),
      kept: this.#snapshot.kept.filter((role) => role.session !== name),
    });
  }

  async importablePortals(): Promise<FoundPortal[]> {
    return [...this.#importable];
  }

  async importPortals(): Promise<Imported> {
    this.#called('importPortals');
    const names: string[] = [];
    for (const portal of this.#importable.splice(0)) names.push(await this.#addPortal(portal));
    return { names, refused: {} };
  }

  async setConsole(name: string, console: ConsoleDoor): Promise<void> {
    this.#called('setConsole', name, console);
    this.#changeSession(name, { console });
  }

  async setShareSignIn(name: string, share: boolean): Promise<void> {
    this.#called('setShareSignIn', name, share);
    this.#changeSession(name, { sharesSignIn: share });
  }

  async addChainedRole(source: RoleId, chained: Chained): Promise<void> {
    this.#called('addChainedRole', ...roleWords(source), chained.name, chained.roleArn);
    const { roles, chainedRoles } = this.#snapshot;
    const accountId = chained.roleArn.split(':')[4] ?? '';
    const from = roles.find((one) => roleKey(one) === roleKey(source))!;
    const inAccount = roles.find((one) => one.accountId === accountId);
    const accountName = inAccount?.accountName ?? accountId;
    const added = { session: source.session, accountId, roleName: chained.name, accountName };
    this.#set({
      roles: [...roles, { ...added, favourite: false, kept: false, recent: null }],
      chainedRoles: [...chainedRoles, { ...added, ...chained, source: from }],
    });
  }

  async removeChainedRole(role: RoleId): Promise<void> {
    this.#called('removeChainedRole', ...roleWords(role));
    const others = (one: RoleId) => roleKey(one) !== roleKey(role);
    const { roles, chainedRoles } = this.#snapshot;
    this.#set({ roles: roles.filter(others), chainedRoles: chainedRoles.filter(others) });
  }

  async previewProfiles(all: AllProfiles): Promise<ProfilesReport> {
    this.#called('previewProfiles', all.only, all.nameTemplate, all.region);
    return this.#profiles.preview(all, this.#snapshot.roles);
  }

  async writeProfiles(all: AllProfiles): Promise<ProfilesReport> {
    this.#called('writeProfiles', all.only, all.nameTemplate, all.region);
    return this.#profiles.write(all, this.#snapshot.roles);
  }

  async removeProfiles(only: string | null): Promise<ProfilesReport> {
    this.#called('removeProfiles', only);
    return this.#profiles.remove(only);
  }

  async setBrowser(browser: string | null): Promise<void> {
    this.#called('setBrowser', browser);
    this.#set({ settings: { ...this.#snapshot.settings, browser } });
  }

  async setAutostart(autostart: boolean): Promise<void> {
    this.#called('setAutostart', autostart);
    this.#set({ settings: { ...this.#snapshot.settings, autostart } });
  }

  async tryDemonstration(): Promise<void> {
    this.#called('tryDemonstration');
    await this.addPortal(DEMONSTRATION);
  }

  async closeWindow(): Promise<void> {
    this.#called('closeWindow');
  }

  #called(method: keyof Backend, ...words: unknown[]): void {
    this.calls.push([method, ...words].join(' '));
    const refusal = this.#refusals.get(method);
    this.#refusals.delete(method);
    if (refusal) throw refusal;
  }

  #endSignIn(name: string, change: Partial<Session>): void {
    this.#set({ signIns: this.#snapshot.signIns.filter((signIn) => signIn.session !== name) });
    this.#changeSession(name, change);
  }

  #endMfaCode(role: RoleId): void {
    const others = this.#snapshot.mfaCodes.filter((code) => roleKey(code) !== roleKey(role));
    this.#set({ mfaCodes: others });
  }

  #changeSession(name: string, change: Partial<Session>): void {
    this.#set({
      sessions: this.#snapshot.sessions.map((session) =>
        session.name === name ? { ...session, ...change } : session,
      ),
    });
  }

  #changeRole(changed: RoleId, change: Partial<Role>): void {
    this.#set({
      roles: this.#snapshot.roles.map((role) =>
        roleKey(role) === roleKey(changed) ? { ...role, ...change } : role,
      ),
    });
  }

  #set(change: Partial<Snapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) listener(this.#snapshot);
  }
}

function roleWords({ session, accountId, roleName }: RoleId): string[] {
  return [session, accountId, roleName];
}

/** The role with the ways in which it is kept, none if it was not. */
function keptRole(role: RoleId, roles: Role[], before?: KeptRole): KeptRole {
  const { session, accountId, roleName } = role;
  const listed = roles.find((one) => roleKey(one) === roleKey(role));
  const accountName = listed?.accountName ?? accountId;
  return { session, accountId, roleName, accountName, profiles: { ...before?.profiles } };
}

function byName(one: KeptRole, other: KeptRole): number {
  return (
    one.accountName.localeCompare(other.accountName) || one.roleName.localeCompare(other.roleName)
  );
}
