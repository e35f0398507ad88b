import type {
  Chained,
  Delivery,
  FoundPortal,
  Imported,
  ProfilesReport,
  RoleId,
  Session,
  SignIn,
  Snapshot,
} from './types';

/** What a portal needs to be added. */
export interface NewPortal {
  startUrl: string;
  region: string;
  /** Null lets the agent choose one from the start URL. */
  name: string | null;
}

/** Which profiles are meant, and how new ones are made. */
export interface AllProfiles {
  /** A pattern for names, with * and ?; null for all of them. */
  only: string | null;
  /** Names of new ones, from {account}, {account_id}, {role} and {session}. */
  nameTemplate: string;
  /** Region of new ones; null for the portal's. */
  region: string | null;
}

/** The ways to sign in: through the browser on this machine, or with a code on any other. */
export type SignInFlow = SignIn['flow'];

/** The ways a console is opened. */
export type ConsoleDoor = Session['console'];

/**
 * All that the windows ask of the program around them. Every promise rejects with a
 * {@link Failure} (see `asFailure`) when the agent refuses.
 */
export interface Backend {
  /** Calls `changed` with the present snapshot and every later one, until the returned stop. */
  watch(changed: (snapshot: Snapshot) => void): Promise<() => void>;

  openConsole(role: RoleId): Promise<void>;
  /** Puts the credentials on the clipboard; they never pass through the window. */
  copyCredentials(role: RoleId): Promise<void>;
  /** Serves the role to one client and puts the address and its token on the clipboard. */
  copyEndpoint(role: RoleId): Promise<void>;
  setFavourite(role: RoleId, favourite: boolean): Promise<void>;
  setKept(role: RoleId, delivery: Delivery, kept: boolean): Promise<void>;

  signIn(session: string, flow: SignInFlow): Promise<void>;
  cancelSignIn(session: string): Promise<void>;
  signOut(session: string): Promise<void>;
  /** Opens the page of the device flow under way, its code filled in, in the browser. */
  openSignInPage(session: string): Promise<void>;

  /** Enters the six digits that `role` waits for; rejects with `mfa_code_wrong` to ask again. */
  enterMfaCode(role: RoleId, code: string): Promise<void>;
  /** Gives up: nobody is asked again until the user wants it. */
  cancelMfaCode(role: RoleId): Promise<void>;

  /** Resolves to the portal's name. */
  addPortal(portal: NewPortal): Promise<string>;
  removePortal(name: string): Promise<void>;
  /** The portals that the AWS config file names and that are none here. */
  importablePortals(): Promise<FoundPortal[]>;
  /** Adds them all. */
  importPortals(): Promise<Imported>;
  setConsole(session: string, console: ConsoleDoor): Promise<void>;
  setShareSignIn(session: string, share: boolean): Promise<void>;

  /** Adds a role that is taken from `source`. */
  addChainedRole(source: RoleId, chained: Chained): Promise<void>;
  removeChainedRole(role: RoleId): Promise<void>;

  /** What {@link writeProfiles} would do. */
  previewProfiles(all: AllProfiles): Promise<ProfilesReport>;
  /** Writes a profile for every role into the AWS config file. */
  writeProfiles(all: AllProfiles): Promise<ProfilesReport>;
  /** Removes those that were written so and fit the pattern; null for all of them. */
  removeProfiles(only: string | null): Promise<ProfilesReport>;

  /** Null for the system's browser. */
  setBrowser(command: string | null): Promise<void>;
  setAutostart(enabled: boolean): Promise<void>;

  tryDemonstration(): Promise<void>;
  closeWindow(): Promise<void>;
}
