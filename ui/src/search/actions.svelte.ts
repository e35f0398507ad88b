import { Attempt } from '../lib/attempt.svelte';
import type { Backend } from '../lib/backend/backend';
import type { Failure, Role } from '../lib/backend/types';
import type { Shortcut } from '../lib/shortcuts';

/** What the user does with roles, and what came of it in words. */
export class RoleActions {
  /** What is being done or was done last; empty when there is nothing to tell. */
  told = $state('');

  #backend: Backend;
  #attempt = new Attempt();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** How the last action failed. */
  get failure(): Failure | null {
    return this.#attempt.failure;
  }

  /** Forgets what there was to tell. */
  clear(): void {
    this.told = '';
    this.#attempt.failure = null;
  }

  /** Opens the console of `role`, and closes the window once it is open. */
  async open(role: Role): Promise<void> {
    await this.#attempt.run(async () => {
      this.told = `Opening the console of ${nameOf(role)}…`;
      try {
        await this.#backend.openConsole(role);
        await this.#backend.closeWindow();
      } finally {
        this.told = '';
      }
    });
  }

  /** Does what a shortcut stands for. */
  async act(shortcut: Shortcut, role: Role): Promise<void> {
    await this.#attempt.run(async () => {
      this.told = '';
      this.told = await this.#shortcuts[shortcut](role);
    });
  }

  readonly #shortcuts: Record<Shortcut, (role: Role) => Promise<string>> = {
    copy: async (role) => {
      await this.#backend.copyCredentials(role);
      return `Credentials of ${nameOf(role)} copied. They leave the clipboard after 60 seconds.`;
    },
    favourite: async (role) => {
      await this.#backend.setFavourite(role, !role.favourite);
      return `${nameOf(role)} is ${role.favourite ? 'no longer' : 'now'} a favourite.`;
    },
    keep: async (role) => {
      await this.#backend.setKept(role, 'process', !role.kept);
      return `${nameOf(role)} is ${role.kept ? 'no longer' : 'now'} kept refreshed.`;
    },
  };
}

function nameOf({ roleName, accountName }: Role): string {
  return `${roleName} in ${accountName}`;
}
