import type { AllProfiles } from './backend';
import type { ProfilesReport, Role } from './types';

const FILE = '/home/alex/.aws/config';

/** The profiles for all roles, in memory instead of the AWS config file. */
export class FakeProfiles {
  #written: string[] = [];

  preview(all: AllProfiles, roles: Role[]): ProfilesReport {
    const names = this.#wanted(all, roles);
    const added = names.filter((name) => !this.#written.includes(name));
    const hunks = added.map((name, at) => hunk(name, all, at));
    const changes = added.length === 0 ? '' : `--- ${FILE}\n+++ ${FILE}\n${hunks.join('')}`;
    return { ...report(added), stood: names.length - added.length, changes };
  }

  write(all: AllProfiles, roles: Role[]): ProfilesReport {
    const { names, stood } = this.preview(all, roles);
    this.#written.push(...names);
    return { ...report(names), stood, backup: names.length > 0 ? backup() : null };
  }

  remove(only: string | null): ProfilesReport {
    const names = this.#written.filter(fits(only));
    this.#written = this.#written.filter((name) => !names.includes(name));
    return { ...report(names), backup: names.length > 0 ? backup() : null };
  }

  #wanted({ only, nameTemplate }: AllProfiles, roles: Role[]): string[] {
    const names = roles.map((role) =>
      nameTemplate
        .replace('{account}', role.accountName)
        .replace('{account_id}', role.accountId)
        .replace('{role}', role.roleName)
        .replace('{session}', role.session)
        .toLowerCase()
        .replaceAll(' ', '-'),
    );
    return names.filter(fits(only));
  }
}

function fits(only: string | null): (name: string) => boolean {
  const pattern = (only ?? '*').replaceAll('*', '.*').replaceAll('?', '.');
  return (name) => new RegExp(`^${pattern}$`, 'i').test(name);
}

function report(names: string[]): ProfilesReport {
  return { file: FILE, names, stood: 0, gone: [], refused: {}, backup: null, changes: '' };
}

function backup(): string {
  return `${FILE}.vestibule-backup-20261122T184440.000Z`;
}

function hunk(name: string, { region }: AllProfiles, at: number): string {
  const lines = [
    `# >>> vestibule ${name}`,
    `[profile ${name}]`,
    'credential_process = "/usr/bin/vestibule" credentials --account … --format process',
    `region = ${region ?? 'eu-central-1'}`,
    '# Vestibule writes these lines and removes them with `vestibule profiles remove`.',
    '# <<< vestibule',
  ];
  const added = lines.map((line) => `+${line}\n`).join('');
  return `@@ -12,0 +${13 + at * lines.length},${lines.length} @@ ${name}\n${added}`;
}
