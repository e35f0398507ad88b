import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';

import type { Backend } from './backend';
import type { RoleId, Snapshot } from './types';

/** The tray application, reached through Tauri's commands and its `snapshot` event. */
export const tauri: Backend = {
  async watch(changed) {
    let told = false;
    const stop = await listen<Snapshot>('snapshot', ({ payload }) => {
      told = true;
      changed(payload);
    });
    const first = await invoke<Snapshot>('snapshot');
    // An event that overtook the answer is the newer of the two.
    if (!told) changed(first);
    return stop;
  },

  openConsole: (role) => invoke('open_console', { role: id(role) }),
  copyCredentials: (role) => invoke('copy_credentials', { role: id(role) }),
  copyEndpoint: (role) => invoke('copy_endpoint', { role: id(role) }),
  setFavourite: (role, favourite) => invoke('set_favourite', { role: id(role), favourite }),
  setKept: (role, delivery, kept) => invoke('set_kept', { role: id(role), delivery, kept }),

  signIn: (session, flow) => invoke('sign_in', { session, flow }),
  cancelSignIn: (session) => invoke('cancel_sign_in', { session }),
  signOut: (session) => invoke('sign_out', { session }),
  openSignInPage: (session) => invoke('open_sign_in_page', { session }),

  enterMfaCode: (role, code) => invoke('enter_mfa_code', { role: id(role), code }),
  cancelMfaCode: (role) => invoke('cancel_mfa_code', { role: id(role) }),

  addPortal: (portal) => invoke('add_portal', { ...portal }),
  removePortal: (name) => invoke('remove_portal', { name }),
  importablePortals: () => invoke('importable_portals'),
  importPortals: () => invoke('import_portals'),
  setConsole: (session, console) => invoke('set_console', { session, console }),
  setShareSignIn: (session, share) => invoke('set_share_sign_in', { session, share }),

  addChainedRole: (source, chained) => invoke('add_chained_role', { source: id(source), chained }),
  removeChainedRole: (role) => invoke('remove_chained_role', { role: id(role) }),

  previewProfiles: (all) => invoke('preview_profiles', { all }),
  writeProfiles: (all) => invoke('write_profiles', { all }),
  removeProfiles: (only) => invoke('remove_profiles', { only }),

  setBrowser: (command) => invoke('set_browser', { command }),
  setAutostart: (enabled) => invoke('set_autostart', { enabled }),

  tryDemonstration: () => invoke('try_demonstration'),
  closeWindow: () => invoke('close_window'),
};

/** The three parts that name a role, without the rest of what the page knows of it. */
function id({ session, accountId, roleName }: RoleId): RoleId {
  return { session, accountId, roleName };
}
