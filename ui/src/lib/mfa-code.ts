import type { MfaCode, RoleId, Snapshot } from './backend/types';
import { roleKey } from './role';

/** The code that `role` waits for; null where none is asked for. */
export function wantedCode(snapshot: Snapshot, role: RoleId): MfaCode | null {
  return snapshot.mfaCodes.find((code) => roleKey(code) === roleKey(role)) ?? null;
}

/** The six digits of what was typed, which apps show in two groups; null where it is no code. */
export function digitsOf(typed: string): string | null {
  const digits = typed.replace(/\s/g, '');
  return /^[0-9]{6}$/.test(digits) ? digits : null;
}

/** What the user calls the device: the last part of its ARN, or its serial number. */
export function deviceName(serial: string): string {
  return serial.slice(serial.lastIndexOf('/') + 1);
}
