import type { ProfilesReport } from '../backend/types';

/** What was written, as `vestibule profiles write` says it. */
export function writtenWords({ names, file, stood }: ProfilesReport): string {
  return `${counted(names.length, 'new profile')} in ${file}, ${stood} stood there already.`;
}

/** What was removed. */
export function removedWords({ names }: ProfilesReport): string {
  return `Removed ${counted(names.length, 'profile')}.`;
}

/** What would be written. */
export function previewWords({ names, changes, refused }: ProfilesReport): string {
  if (changes === '' && Object.keys(refused).length > 0) return 'Nothing would change.';
  if (changes === '') return 'Nothing would change: every role has its profile already.';
  return names.length === 0
    ? 'Profiles would be brought up to date.'
    : `${counted(names.length, 'new profile')} would be written.`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
