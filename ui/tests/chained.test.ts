import { expect, it } from 'vitest';

import { open, useBrowser, type OpenWindow } from './window';

useBrowser();

const ARN = 'arn:aws:iam::444455556666:role/team/ReadLogs';
const LATER = { code: 'bad_request', nextStep: 'Correct it and try again.' };

async function roles(scenario: string): Promise<OpenWindow> {
  const view = await open({ window: 'settings', scenario });
  await view.turnTo('Chained roles');
  return view;
}

/** Fills in what must be: the form has the focus, on the first choice. */
async function fill(view: OpenWindow): Promise<void> {
  await view.tabTo('button', 'Add chained role…');
  await view.press('Enter');
  await view.type('Audit');
  await view.press('Tab', 'Tab');
  await view.type(ARN);
  await view.press('Tab');
}

it('adds a chained role by keyboard', async () => {
  const view = await roles('usual');
  await fill(view);
  const name = view.page.getByRole('textbox', { name: 'Name', exact: true });
  expect(await name.inputValue()).toBe('ReadLogs');
  await view.press('Control+a');
  await view.type('logs');
  await view.press('Tab', 'Enter', 'Tab', 'Tab');
  await view.type('case-files');
  await view.press('Enter');
  await view.called(`addChainedRole acme 111122223333 SecurityAudit logs ${ARN}`);
  await view.page.getByRole('status').getByText('Added logs.').waitFor({ state: 'attached' });
  const card = view.page.getByRole('article', { name: 'Payments Staging / logs' });
  await card.getByText('Taken from Audit / SecurityAudit').waitFor();
  await card.getByText('case-files').waitFor();
  const { roles: all, chainedRoles } = await view.snapshot();
  expect(all.some(({ roleName }) => roleName === 'logs')).toBe(true);
  expect(chainedRoles[0]).toMatchObject({ externalId: 'case-files', mfaSerial: null, tags: {} });
});

it('offers the roles of the account that was chosen, and no others', async () => {
  const view = await roles('usual');
  await view.page.getByRole('button', { name: 'Add chained role…' }).click();
  await view.page.getByLabel('Taken from account').selectOption('Data Platform (222233334444)');
  const role = view.page.getByLabel('Taken from role');
  expect(await role.getByRole('option').allTextContents()).toEqual([
    'Choose a role',
    'DatabaseAdministrator',
    'ReadOnlyAccess',
  ]);
  await role.selectOption('ReadOnlyAccess');
  await view.page.getByLabel('Taken from account').selectOption('Sandbox (555566667777)');
  expect(await role.inputValue()).toBe('');
});

it('points at the first field that is wrong', async () => {
  const view = await roles('usual');
  await view.page.getByRole('button', { name: 'Add chained role…' }).click();
  await view.page.getByRole('button', { name: 'Add chained role' }).click();
  for (const words of ['Choose an account.', 'Choose a role.', 'Enter the ARN', 'Enter what']) {
    await view.page.getByText(words).waitFor();
  }
  const account = view.page.getByLabel('Taken from account');
  expect(await account.evaluate((element) => element === document.activeElement)).toBe(true);
  expect(await view.calls()).toEqual([]);
});

it('shows at its field what was refused, and opens what is folded for it', async () => {
  const view = await roles('usual');
  await fill(view);
  await view.refuse('addChainedRole', { ...LATER, message: 'No ARN.', field: 'roleArn' });
  await view.press('Enter');
  await view.page.getByText('No ARN. Correct it and try again.').waitFor();
  const arn = view.page.getByRole('textbox', { name: 'Role ARN' });
  expect(await arn.getAttribute('aria-invalid')).toBe('true');

  await view.refuse('addChainedRole', { ...LATER, message: 'No device.', field: 'mfaSerial' });
  await view.press('Enter');
  const device = view.page.getByRole('textbox', { name: 'MFA device (optional)' });
  await view.page.getByText('No device. Correct it and try again.').waitFor();
  expect(await device.evaluate((element) => element === document.activeElement)).toBe(true);

  await view.refuse('addChainedRole', { ...LATER, message: 'The disk is full.' });
  await view.press('Enter');
  await view.page.getByRole('alert').getByText('The disk is full.').waitFor();
});

it('removes a chained role only after a question', async () => {
  const view = await roles('chained');
  const dialog = view.page.getByRole('dialog');
  await view.tabTo('button', 'Remove… Log Archive / logs');
  await view.press('Enter');
  await dialog.getByText('The role itself stays').waitFor();
  await view.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  expect(await view.calls()).toEqual([]);
  await view.tabTo('button', 'Remove… Log Archive / logs');
  await view.press('Enter');
  await dialog.getByText('The role itself stays').waitFor();
  await view.press('Tab', 'Enter');
  await view.called('removeChainedRole acme 888899990000 logs');
  const card = view.page.getByRole('article', { name: 'Log Archive / logs' });
  await card.waitFor({ state: 'detached' });
  const add = view.page.getByRole('button', { name: 'Add chained role…' });
  await expect.poll(() => add.evaluate((element) => element === document.activeElement)).toBe(true);
});

it('says why a chained role cannot be removed', async () => {
  const view = await roles('chained');
  await view.refuse('removeChainedRole', {
    code: 'bad_request',
    message: 'The chained role logs is taken from investigation.',
    nextStep: 'Remove logs first.',
  });
  await view.tabTo('button', 'Remove… Audit / investigation');
  await view.press('Enter');
  await view.page.getByRole('dialog').waitFor();
  await view.press('Tab', 'Enter');
  const card = view.page.getByRole('article', { name: 'Audit / investigation' });
  await card.getByRole('alert').getByText('Remove logs first.').waitFor();
});
