import { expect, it } from 'vitest';

import { open, useBrowser } from './window';

useBrowser();

const ASKED = {
  window: 'mfa-code',
  scenario: 'mfa-code',
  accountId: '666677778888',
  roleName: 'BreakGlass',
} as const;

it('takes the code by keyboard alone and goes', async () => {
  const view = await open(ASKED);
  await view.page.getByText('Shared Services').waitFor();
  await view.page.getByText('arn:aws:iam::666677778888:mfa/alex').waitFor();
  await expect
    .poll(() => view.page.getByLabel('Code').evaluate((field) => field === document.activeElement))
    .toBe(true);
  await view.type('123 456');
  await view.press('Enter');
  await view.called('closeWindow');
  expect(await view.calls()).toEqual([
    'enterMfaCode acme 666677778888 BreakGlass 123456',
    'closeWindow',
  ]);
});

it('asks for six digits and sends nothing else', async () => {
  const view = await open(ASKED);
  await view.type('12345');
  await view.press('Enter');
  await view.page.getByText('A code has six digits.').waitFor();
  const field = view.page.getByLabel('Code');
  expect(await field.getAttribute('aria-invalid')).toBe('true');
  expect(await view.calls()).toEqual([]);
});

it('says that a code was wrong, and asks again with the field empty', async () => {
  const view = await open(ASKED);
  await view.refuse('enterMfaCode', {
    code: 'mfa_code_wrong',
    message: 'The code for BreakGlass was not taken.',
    nextStep: 'Wait for the next code and enter that one.',
  });
  await view.type('000000');
  await view.press('Enter');
  await view.page.getByRole('alert').getByText('Wait for the next code').waitFor();
  await view.type('123456');
  await view.press('Enter');
  await view.called('closeWindow');
  expect((await view.calls())[1]).toBe('enterMfaCode acme 666677778888 BreakGlass 123456');
});

it('cancels', async () => {
  const view = await open(ASKED);
  await view.tabTo('button', 'Cancel');
  await view.press('Enter');
  await view.called('closeWindow');
  expect((await view.calls())[0]).toBe('cancelMfaCode acme 666677778888 BreakGlass');
});

it('says so when the code was entered elsewhere', async () => {
  const view = await open({ ...ASKED, scenario: 'usual' });
  await view.page.getByRole('heading', { name: 'No code is asked for now' }).waitFor();
  await view.tabTo('button', 'Close');
  await view.press('Enter');
  await view.called('closeWindow');
});
