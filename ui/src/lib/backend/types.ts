/** What the windows know of the agent: plain data, never a credential. */

export type SessionState = 'signed_out' | 'signing_in' | 'signed_in' | 'expired';

/** Why something could not be done. The code is stable; the words are for the user. */
export interface Failure {
  code: string;
  message: string;
  nextStep: string;
  /** The field of a form that it is about. */
  field?: string;
}

/** One portal and one user. */
export interface Session {
  name: string;
  startUrl: string;
  region: string;
  state: SessionState;
  /** End of the portal session once learned: RFC 3339, UTC. */
  until: string | null;
  user: string | null;
  problem: Failure | null;
  /** How the console is opened. */
  console: 'federation' | 'shortcut';
  /** AWS's own tools share its sign-in, by a token file. */
  sharesSignIn: boolean;
  /** Its accounts and roles are being listed. */
  listing: boolean;
}

/** Names a role: the session, the twelve digits of the account, the permission set. */
export interface RoleId {
  session: string;
  accountId: string;
  roleName: string;
}

/** A role the user may take. */
export interface Role extends RoleId {
  accountName: string;
  favourite: boolean;
  /** Its credentials are kept refreshed for a profile that asks Vestibule. */
  kept: boolean;
  /** Place among the roles used lately, 0 for the last one; null when not among them. */
  recent: number | null;
}

/** How a kept role reaches AWS's tools. */
export type Delivery = 'process' | 'sso_session' | 'static_keys';

/** A role that is kept refreshed. */
export interface KeptRole extends RoleId {
  accountName: string;
  /** The ways in which it is, each with the name of its profile. */
  profiles: Partial<Record<Delivery, string>>;
}

/** What is asked of AWS for a chained role, and what the role is called here. */
export interface Chained {
  name: string;
  roleArn: string;
  /** Null for the user's name. */
  sessionName: string | null;
  /** Null for an hour. */
  durationSeconds: number | null;
  externalId: string | null;
  tags: Record<string, string>;
  sourceIdentity: string | null;
  /** Serial number or ARN of the device whose code the role wants. */
  mfaSerial: string | null;
}

/** A role that is taken from another. */
export interface ChainedRole extends RoleId, Chained {
  accountName: string;
  /** The role it is taken from. */
  source: RoleId & { accountName: string };
}

/** A sign-in under way. */
export interface SignIn {
  session: string;
  flow: 'pkce' | 'device';
  /** `starting` while the portal is being asked, then the user's turn. */
  phase: 'starting' | 'waiting';
  /** Only for the device flow, such as `ABCD-EFGH`. */
  userCode: string | null;
  verificationUri: string | null;
  /** The address with the code filled in; what the QR code shows. */
  verificationUriComplete: string | null;
}

/** A code of an MFA device that a role waits for. */
export interface MfaCode extends RoleId {
  accountName: string;
  /** Serial number or ARN of the device. */
  mfaSerial: string;
  /** One was entered and is being checked. */
  checking: boolean;
}

export interface Settings {
  /** Command that opens the browser; null for the system's. */
  browser: string | null;
  autostart: boolean;
  /** Why the settings file could not be read, and where it was set aside. */
  problem: Failure | null;
}

/** Everything the windows show, at one moment. */
export interface Snapshot {
  sessions: Session[];
  /** Sorted by session, account name, role name. */
  roles: Role[];
  /** Sorted by account name, role name. */
  kept: KeptRole[];
  /** In the order they were added. They stand among the roles, too. */
  chainedRoles: ChainedRole[];
  signIns: SignIn[];
  mfaCodes: MfaCode[];
  settings: Settings;
}

/** A portal that the AWS config file names. */
export interface FoundPortal {
  name: string | null;
  startUrl: string;
  region: string;
}

/** What became of the portals to import. */
export interface Imported {
  /** Names of the new portals. */
  names: string[];
  /** Why others could not be added, by start URL. */
  refused: Record<string, Failure>;
}

/** What became of the profiles for all roles, or would. */
export interface ProfilesReport {
  /** Path of the config file. */
  file: string;
  /** Names of the profiles that are new, or that were removed. */
  names: string[];
  /** How many stood there already. */
  stood: number;
  /** Names of profiles whose roles are not assigned any more. */
  gone: string[];
  /** Why profiles could not be changed, by name. */
  refused: Record<string, Failure>;
  /** Path of the file as it was. */
  backup: string | null;
  /** Of a preview: a unified diff of Vestibule's own lines, empty where nothing would change. */
  changes: string;
}
