import type { Chained, Failure } from '../backend/types';

/** The fields as typed. */
export interface ChainedForm {
  /** Key of the account of the role it is taken from, see `accountsOf`. */
  account: string;
  /** Name of that role. */
  source: string;
  roleArn: string;
  name: string;
  mfaSerial: string;
  externalId: string;
  sessionName: string;
  sourceIdentity: string;
  /** In seconds. */
  duration: string;
  /** `Key=Value`, with commas between. */
  tags: string;
}

/** What is wrong with each field; a field that is fine has no entry. */
export type ChainedErrors = Partial<Record<keyof ChainedForm, string>>;

export const EMPTY: Readonly<ChainedForm> = {
  account: '',
  source: '',
  roleArn: '',
  name: '',
  mfaSerial: '',
  externalId: '',
  sessionName: '',
  sourceIdentity: '',
  duration: '',
  tags: '',
};

/** The fields that may be left empty; they stand apart in the form. */
export const OPTIONAL: readonly (keyof ChainedForm)[] = [
  'mfaSerial',
  'externalId',
  'sessionName',
  'sourceIdentity',
  'duration',
  'tags',
];

/** What is missing or cannot be read. What AWS takes the agent knows, and says when asked. */
export function checkForm(form: ChainedForm): ChainedErrors {
  const errors: ChainedErrors = {};
  if (!form.account) errors.account = 'Choose an account.';
  if (!form.source) errors.source = 'Choose a role.';
  if (!form.roleArn.trim()) {
    errors.roleArn = 'Enter the ARN of the role, such as arn:aws:iam::111122223333:role/Deploy.';
  }
  if (!form.name.trim()) errors.name = 'Enter what the role is called here, such as deploy.';
  const duration = form.duration.trim();
  if (duration && !/^\d{1,6}$/.test(duration)) {
    errors.duration = `“${duration}” is no number of seconds. Enter one from 900 to 3600.`;
  }
  const wrong = tagsOf(form.tags).find(([, value]) => value === undefined);
  if (wrong) errors.tags = `“${wrong[0]}” is no tag. Write tags as Key=Value, with commas between.`;
  return errors;
}

/** The chained role to add, from a form without errors. */
export function chainedOf(form: ChainedForm): Chained {
  const given = (text: string) => text.trim() || null;
  return {
    name: form.name.trim(),
    roleArn: form.roleArn.trim(),
    sessionName: given(form.sessionName),
    durationSeconds: form.duration.trim() ? Number(form.duration) : null,
    externalId: given(form.externalId),
    tags: Object.fromEntries(tagsOf(form.tags).map(([key, value]) => [key, value ?? ''])),
    sourceIdentity: given(form.sourceIdentity),
    mfaSerial: given(form.mfaSerial),
  };
}

/** A name for a role with this ARN: its own, where that may be one; else none. */
export function nameOf(roleArn: string): string {
  const last = roleArn.trim().split('/').at(-1) ?? '';
  const isName = /^arn:/.test(roleArn.trim()) && /^[A-Za-z0-9_][\w.-]{0,63}$/.test(last);
  return isName ? last : '';
}

/** The field that a refusal is about; null when it is about none. */
export function fieldOf({ field }: Failure): keyof ChainedForm | null {
  return field !== undefined && field in EMPTY ? (field as keyof ChainedForm) : null;
}

/** Keys and values; a tag without a value has none. A comma can stand in neither. */
function tagsOf(text: string): [string, string | undefined][] {
  const tags = text.split(',').map((tag) => tag.trim());
  return tags
    .filter((tag) => tag !== '')
    .map((tag) => {
      const at = tag.indexOf('=');
      return at < 1 ? [tag, undefined] : [tag.slice(0, at).trim(), tag.slice(at + 1).trim()];
    });
}
