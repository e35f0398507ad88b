import { readFileSync } from 'node:fs';

import { emit } from '@tauri-apps/api/event';
import { clearMocks, mockIPC } from '@tauri-apps/api/mocks';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { SCENARIOS } from './scenarios';
import { tauri } from './tauri';

const ROLE = SCENARIOS.usual!().roles[0]!;
const ID = { session: 'acme', accountId: '111122223333', roleName: 'SecurityAudit' };
const PORTAL = { startUrl: 'https://acme.awsapps.com/start', region: 'eu-central-1', name: null };
const CHAINED = {
  name: 'logs',
  roleArn: 'arn:aws:iam::222233334444:role/ReadLogs',
  sessionName: null,
  durationSeconds: 900,
  externalId: null,
  tags: { Case: '4711' },
  sourceIdentity: null,
  mfaSerial: null,
};
const ALL = { only: '*-admin', nameTemplate: '{account}-{role}', region: null };

/** Every way to ask, the command it becomes, and what goes with it. */
const COMMANDS: [() => Promise<unknown>, string, object][] = [
  [() => tauri.openConsole(ROLE), 'open_console', { role: ID }],
  [() => tauri.copyCredentials(ROLE), 'copy_credentials', { role: ID }],
  [() => tauri.copyEndpoint(ROLE), 'copy_endpoint', { role: ID }],
  [() => tauri.setFavourite(ROLE, true), 'set_favourite', { role: ID, favourite: true }],
  [
    () => tauri.setKept(ROLE, 'static_keys', false),
    'set_kept',
    { role: ID, delivery: 'static_keys', kept: false },
  ],
  [() => tauri.signIn('acme', 'device'), 'sign_in', { session: 'acme', flow: 'device' }],
  [() => tauri.cancelSignIn('acme'), 'cancel_sign_in', { session: 'acme' }],
  [() => tauri.signOut('acme'), 'sign_out', { session: 'acme' }],
  [() => tauri.openSignInPage('acme'), 'open_sign_in_page', { session: 'acme' }],
  [() => tauri.enterMfaCode(ROLE, '123456'), 'enter_mfa_code', { role: ID, code: '123456' }],
  [() => tauri.cancelMfaCode(ROLE), 'cancel_mfa_code', { role: ID }],
  [() => tauri.addPortal(PORTAL), 'add_portal', PORTAL],
  [() => tauri.removePortal('acme'), 'remove_portal', { name: 'acme' }],
  [() => tauri.importablePortals(), 'importable_portals', {}],
  [() => tauri.importPortals(), 'import_portals', {}],
  [() => tauri.addChainedRole(ROLE, CHAINED), 'add_chained_role', { source: ID, chained: CHAINED }],
  [() => tauri.removeChainedRole(ROLE), 'remove_chained_role', { role: ID }],
  [() => tauri.previewProfiles(ALL), 'preview_profiles', { all: ALL }],
  [() => tauri.writeProfiles(ALL), 'write_profiles', { all: ALL }],
  [() => tauri.removeProfiles(null), 'remove_profiles', { only: null }],
  [
    () => tauri.setConsole('acme', 'shortcut'),
    'set_console',
    { session: 'acme', console: 'shortcut' },
  ],
  [() => tauri.setShareSignIn('acme', true), 'set_share_sign_in', { session: 'acme', share: true }],
  [() => tauri.setBrowser(null), 'set_browser', { command: null }],
  [() => tauri.setAutostart(true), 'set_autostart', { enabled: true }],
  [() => tauri.tryDemonstration(), 'try_demonstration', {}],
  [() => tauri.closeWindow(), 'close_window', {}],
];

vi.stubGlobal('window', globalThis);
afterEach(clearMocks);

it.each(COMMANDS)('%s', async (ask, command, payload) => {
  const invoked: [string, unknown][] = [];
  mockIPC((name, args) => void invoked.push([name, args]));
  await ask();
  expect(invoked).toEqual([[command, payload]]);
});

describe('watch', () => {
  const first = SCENARIOS['signed-out']!();
  const later = SCENARIOS.usual!();

  it('tells the present snapshot, then every later one', async () => {
    mockIPC((name) => (name === 'snapshot' ? first : undefined), { shouldMockEvents: true });
    const changed = vi.fn();
    const stop = await tauri.watch(changed);
    expect(changed.mock.calls).toEqual([[first]]);
    await emit('snapshot', later);
    expect(changed.mock.calls).toEqual([[first], [later]]);
    stop();
  });

  it('does not go back when an event overtakes the present snapshot', async () => {
    let answer: (value: unknown) => void = () => {};
    const asked = new Promise((resolve) => (answer = resolve));
    mockIPC((name) => (name === 'snapshot' ? asked : undefined), { shouldMockEvents: true });
    const changed = vi.fn();
    const watching = tauri.watch(changed);
    await vi.waitFor(async () => {
      await emit('snapshot', later);
      expect(changed).toHaveBeenCalled();
    });
    answer(first);
    await watching;
    expect(changed).toHaveBeenLastCalledWith(later);
  });
});

it('asks for nothing that the application does not allow its windows', () => {
  const path = new URL('../../../../src-tauri/capabilities/windows.json', import.meta.url);
  const { permissions } = JSON.parse(readFileSync(path, 'utf8')) as { permissions: string[] };
  for (const [, command] of COMMANDS) {
    expect(permissions).toContain(`allow-${command.replaceAll('_', '-')}`);
  }
});
