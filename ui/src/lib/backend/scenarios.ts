import type { ChainedRole, FoundPortal, KeptRole, Role, Session, SignIn, Snapshot } from './types';

/** The situations the windows are shown in, by the name in `?scenario=`. */
export const SCENARIOS: Record<string, () => Snapshot> = {
  usual: () => snapshot([session('acme', { user: 'alex' })], ACME_ROLES),
  'two-portals': () =>
    snapshot(
      [
        session('acme', { user: 'alex', until: '2026-11-23T18:30:00Z' }),
        session('lab', { state: 'expired', region: 'us-gov-west-1', console: 'shortcut' }),
      ],
      [...ACME_ROLES, role('lab', '777788889999', 'Research', 'ReadOnlyAccess')],
    ),
  empty: () => snapshot([], []),
  'signed-out': () => snapshot([session('acme', { state: 'signed_out' })], []),
  unassigned: () => snapshot([session('acme', { user: 'alex' })], []),
  listing: () => snapshot([session('acme', { user: 'alex', listing: true })], []),
  unreachable: () =>
    snapshot(
      [
        session('acme', {
          problem: {
            code: 'portal_unreachable',
            message: 'The portal acme did not answer.',
            nextStep: 'Check your network; Vestibule tries again by itself.',
          },
        }),
      ],
      ACME_ROLES,
    ),
  'broken-settings': () => ({
    ...SCENARIOS.usual!(),
    settings: {
      browser: null,
      autostart: false,
      problem: {
        code: 'settings',
        message: 'The settings could not be read: line 7 is not valid.',
        nextStep: 'They were set aside as settings.toml.broken; the usual settings are in force.',
      },
    },
  }),
  'mfa-code': () => ({
    ...SCENARIOS.usual!(),
    mfaCodes: [
      {
        session: 'acme',
        accountId: '666677778888',
        roleName: 'BreakGlass',
        accountName: 'Shared Services',
        mfaSerial: 'arn:aws:iam::666677778888:mfa/alex',
        checking: false,
      },
    ],
  }),
  chained: () => ({
    ...SCENARIOS.usual!(),
    roles: [...ACME_ROLES, role('acme', '888899990000', 'Log Archive', 'logs')],
    chainedRoles: [
      chainedRole('investigation', ['111122223333', 'Audit'], ACME_ROLES[10]!, {
        mfaSerial: 'arn:aws:iam::666677778888:mfa/alex',
        sessionName: 'alex',
        durationSeconds: 1800,
      }),
      chainedRole('logs', ['888899990000', 'Log Archive'], ACME_ROLES[0]!, {
        externalId: 'case-files',
        tags: { Case: '4711', Team: 'audit' },
      }),
    ],
  }),
  importable: () => SCENARIOS.usual!(),
  large: () => snapshot([session('acme', { user: 'alex' })], manyRoles(1000, 5)),
  device: () =>
    snapshot([session('acme', { state: 'signing_in' })], [], {
      session: 'acme',
      flow: 'device',
      phase: 'waiting',
      userCode: 'BCDF-GHJK',
      verificationUri: 'https://acme.awsapps.com/start/#/device',
      verificationUriComplete: 'https://acme.awsapps.com/start/#/device?user_code=BCDF-GHJK',
    }),
  pkce: () =>
    snapshot([session('acme', { state: 'signing_in' })], [], {
      session: 'acme',
      flow: 'pkce',
      phase: 'waiting',
      userCode: null,
      verificationUri: null,
      verificationUriComplete: null,
    }),
};

/** The portals that the AWS config file names in a scenario, besides those of the snapshot. */
export const IMPORTABLE: Record<string, FoundPortal[]> = {
  importable: [
    { name: 'blue', startUrl: 'https://blue.awsapps.com/start', region: 'eu-west-1' },
    { name: null, startUrl: 'https://d-9067000000.awsapps.com/start', region: 'us-east-1' },
  ],
};

const ACME_ROLES = [
  role('acme', '111122223333', 'Audit', 'SecurityAudit'),
  role('acme', '222233334444', 'Data Platform', 'DatabaseAdministrator', { kept: true }),
  role('acme', '222233334444', 'Data Platform', 'ReadOnlyAccess', { recent: 1 }),
  role('acme', '333344445555', 'Payments Production', 'AdministratorAccess', { favourite: true }),
  role('acme', '333344445555', 'Payments Production', 'Billing'),
  role('acme', '333344445555', 'Payments Production', 'ReadOnlyAccess', { recent: 0 }),
  role('acme', '444455556666', 'Payments Staging', 'AdministratorAccess'),
  role('acme', '444455556666', 'Payments Staging', 'PowerUserAccess', {
    favourite: true,
    kept: true,
  }),
  role('acme', '555566667777', 'Sandbox', 'AdministratorAccess'),
  role('acme', '555566667777', 'Sandbox', 'S3AndRDSFullAccess'),
  role('acme', '666677778888', 'Shared Services', 'NetworkAdministrator'),
  role('acme', '666677778888', 'Shared Services', 'ReadOnlyAccess'),
];

function snapshot(sessions: Session[], roles: Role[], signIn?: SignIn): Snapshot {
  return {
    sessions,
    roles,
    kept: roles.filter((role) => role.kept).map(keptByProcess),
    chainedRoles: [],
    signIns: signIn ? [signIn] : [],
    mfaCodes: [],
    settings: { browser: null, autostart: false, problem: null },
  };
}

function session(name: string, change: Partial<Session> = {}): Session {
  return {
    name,
    startUrl: `https://${name}.awsapps.com/start`,
    region: 'eu-central-1',
    state: 'signed_in',
    until: null,
    user: null,
    problem: null,
    console: 'federation',
    sharesSignIn: false,
    listing: false,
    ...change,
  };
}

function role(
  session: string,
  accountId: string,
  accountName: string,
  roleName: string,
  change: Partial<Role> = {},
): Role {
  return {
    session,
    accountId,
    accountName,
    roleName,
    favourite: false,
    kept: false,
    recent: null,
    ...change,
  };
}

function keptByProcess({ session, accountId, accountName, roleName }: Role): KeptRole {
  const profile = `${accountName}-${roleName}`.toLowerCase().replaceAll(' ', '-');
  return { session, accountId, accountName, roleName, profiles: { process: profile } };
}

function chainedRole(
  name: string,
  [accountId, accountName]: [string, string],
  { session, ...source }: Role,
  change: Partial<ChainedRole>,
): ChainedRole {
  return {
    session,
    accountId,
    accountName,
    roleName: name,
    source: {
      session,
      accountId: source.accountId,
      accountName: source.accountName,
      roleName: source.roleName,
    },
    name,
    roleArn: `arn:aws:iam::${accountId}:role/${name}`,
    sessionName: null,
    durationSeconds: null,
    externalId: null,
    tags: {},
    sourceIdentity: null,
    mfaSerial: null,
    ...change,
  };
}

function manyRoles(accounts: number, roles: number): Role[] {
  return Array.from({ length: accounts * roles }, (_, at) => {
    const account = Math.floor(at / roles) + 1;
    const accountId = String(account).padStart(12, '1');
    return role('acme', accountId, `Account ${account}`, `Role${(at % roles) + 1}Access`);
  });
}
