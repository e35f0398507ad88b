import type { NewPortal } from '../backend/backend';
import type { Failure } from '../backend/types';
import { regionError } from './regions';

/** The fields as typed. */
export interface PortalForm {
  startUrl: string;
  region: string;
  name: string;
}

/** What is wrong with each field; a field that is fine has no entry. */
export type FieldErrors = Partial<Record<keyof PortalForm, string>>;

/** What is wrong before anyone was asked, given the names already taken. */
export function checkForm(form: PortalForm, taken: readonly string[]): FieldErrors {
  const errors: FieldErrors = {};
  const startUrl = startUrlError(form.startUrl.trim());
  if (startUrl) errors.startUrl = startUrl;

  const region = form.region.trim();
  const wrong = region
    ? regionError(region)
    : 'Enter the region of the portal, such as eu-central-1.';
  if (wrong) errors.region = wrong;

  const name = form.name.trim();
  if (taken.includes(name)) errors.name = `A portal named “${name}” exists. Choose another name.`;
  return errors;
}

/** The portal to add, from a form without errors. */
export function portalOf(form: PortalForm): NewPortal {
  return {
    startUrl: form.startUrl.trim(),
    region: form.region.trim(),
    name: form.name.trim() || null,
  };
}

/** The region that AWS's newer start URLs carry in their host name; null for all others. */
export function regionOf(startUrl: string): string | null {
  return (
    /^https:\/\/[^/]+\.portal\.([a-z0-9-]+)\.app\.aws(\/|$)/.exec(startUrl.trim())?.[1] ?? null
  );
}

/** The field a refusal is about, by its stable code; null when it is about none of them. */
export function fieldOf(failure: Failure): keyof PortalForm | null {
  // The portal does not know the start URL, or it is in another region: one looks there first.
  return failure.code === 'wrong_portal' ? 'startUrl' : null;
}

function startUrlError(text: string): string | null {
  if (!text) return 'Enter the start URL of the portal.';
  const url = parse(text);
  if (!url)
    return 'This is not an address. A start URL reads like https://example.awsapps.com/start.';
  if (url.protocol === 'https:') return null;
  if (url.protocol === 'http:' && isLoopback(url.hostname)) return null;
  return 'A start URL begins with https://. Plain http is for portals on this computer only.';
}

/** `URL.canParse` and `URL.parse` are younger than some of the webviews in use. */
function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
