import { expect, it } from 'vitest';

import { open, useBrowser, type OpenWindow } from './window';

useBrowser();

/** The name of the role highlighted, as the search field tells it to screen readers. */
function highlighted({ page }: OpenWindow): Promise<string> {
  return page.evaluate(() => {
    const id = document.activeElement?.getAttribute('aria-activedescendant');
    const cell = document.getElementById(id ?? '');
    const text = (part: string) => cell?.querySelector(part)?.textContent;
    return `${text('.account')} / ${text('.role')}`;
  });
}

async function highlights(view: OpenWindow, name: string): Promise<void> {
  await expect.poll(() => highlighted(view)).toBe(name);
}

it('opens the console of the role typed for, and closes', async () => {
  const view = await open({ window: 'search', scenario: 'usual' });
  await view.type('staging adm');
  await highlights(view, 'Payments Staging / AdministratorAccess');
  await view.press('Enter');
  await view.called('closeWindow');
  expect(await view.calls()).toEqual([
    'openConsole acme 444455556666 AdministratorAccess',
    'closeWindow',
  ]);
});

it('is walked with the arrow keys, and starts anew with every letter', async () => {
  const view = await open({ window: 'search', scenario: 'usual' });
  await highlights(view, 'Payments Production / AdministratorAccess');
  await view.press('ArrowDown', 'ArrowDown');
  await highlights(view, 'Payments Production / ReadOnlyAccess');
  await view.press('End');
  await highlights(view, 'Shared Services / ReadOnlyAccess');
  await view.press('ArrowDown');
  await highlights(view, 'Payments Production / AdministratorAccess');
  await view.press('ArrowUp', 'Home', 'ArrowDown');
  await view.type('s');
  await highlights(view, 'Payments Staging / PowerUserAccess');
});

it('does with the highlighted role what the shortcuts say', async () => {
  const view = await open({ window: 'search', scenario: 'usual' });
  await view.type('sandbox s3');
  await highlights(view, 'Sandbox / S3AndRDSFullAccess');
  await view.press('Control+Shift+c');
  await view.called('copyCredentials acme 555566667777 S3AndRDSFullAccess');
  await view.page.getByRole('status').getByText('leave the clipboard').waitFor();
  await view.press('Control+d');
  await view.called('setFavourite acme 555566667777 S3AndRDSFullAccess true');
  await view.press('Control+k');
  await view.called('setKept acme 555566667777 S3AndRDSFullAccess process true');
  await view.press('Control+k');
  await view.called('setKept acme 555566667777 S3AndRDSFullAccess process false');
});

it('reaches the buttons of the highlighted row with Tab', async () => {
  const view = await open({ window: 'search', scenario: 'usual' });
  await view.press('ArrowDown');
  await view.press('Tab', 'Tab');
  const button = view.page.getByRole('button', { pressed: true, name: 'Favourite: PowerUser' });
  expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
  await view.press('Space');
  await view.called('setFavourite acme 444455556666 PowerUserAccess false');
  await view.press('ArrowDown');
  await highlights(view, 'Payments Production / ReadOnlyAccess');
});

it('obeys the pointer: a row opens, a button does its own thing only', async () => {
  const view = await open({ window: 'search', scenario: 'usual' });
  const row = view.page.getByRole('row', { name: 'NetworkAdministrator' });
  await row.hover();
  await row.getByRole('button', { name: 'Copy credentials' }).click();
  await view.called('copyCredentials acme 666677778888 NetworkAdministrator');
  await row.getByText('NetworkAdministrator').click();
  await view.called('closeWindow');
  expect((await view.calls()).slice(1)).toEqual([
    'openConsole acme 666677778888 NetworkAdministrator',
    'closeWindow',
  ]);
});

it('says what went wrong and what to do, and stays open', async () => {
  const view = await open({ window: 'search', scenario: 'usual' });
  await view.refuse('openConsole', {
    code: 'access_denied',
    message: 'Billing is not assigned to you any more.',
    nextStep: 'Ask your administrator.',
  });
  await view.type('billing');
  await view.press('Enter');
  const alert = view.page.getByRole('alert');
  await alert.getByText('Ask your administrator.').waitFor();
  expect(await view.calls()).toEqual(['openConsole acme 333344445555 Billing']);
});

it('offers the sign-in that a role needs', async () => {
  const view = await open({ window: 'search', scenario: 'two-portals' });
  await view.type('research');
  await view.page.getByRole('row', { name: 'Sign in needed' }).waitFor();
  await view.tabTo('button', 'Sign in to lab');
  await view.press('Enter');
  await view.called('signIn lab pkce');
  await view.page.getByText('Finish signing in to lab').waitFor();
  await view.page.evaluate(() => window.fake.finishSignIn('lab'));
  await view.page.getByText('Sign in needed').waitFor({ state: 'detached' });
});

it('keeps the list and the place in it when roles come and go', async () => {
  const view = await open({ window: 'search', scenario: 'two-portals' });
  await view.type('sandbox');
  await view.press('ArrowDown');
  await highlights(view, 'Sandbox / S3AndRDSFullAccess');
  await view.page.evaluate(() => window.fake.removePortal('lab'));
  await view.page.getByText('Sign in to lab').waitFor({ state: 'detached' });
  await highlights(view, 'Sandbox / S3AndRDSFullAccess');
});

it('draws no more rows than can be seen, of thousands', async () => {
  const view = await open({ window: 'search', scenario: 'large' });
  const rows = view.page.getByRole('row');
  expect(await view.page.getByRole('grid').getAttribute('aria-rowcount')).toBe('5000');
  for (const key of ['Home', 'PageDown', 'End', 'PageUp']) {
    await view.press(key);
    const id = await view.page.getByRole('combobox').getAttribute('aria-activedescendant');
    await view.page.locator(`#${id}`).waitFor();
    expect(await rows.count()).toBeLessThan(40);
  }
  await view.type('777 role3');
  await highlights(view, 'Account 777 / Role3Access');
});

it('adds the first portal without another window', async () => {
  const view = await open({ window: 'search', scenario: 'empty' });
  await view.type('https://ssoins-12.portal.eu-west-1.app.aws');
  await view.press('Tab', 'Enter');
  await view.called('addPortal https://ssoins-12.portal.eu-west-1.app.aws eu-west-1 ');
  await view.page.getByRole('button', { name: 'Sign in' }).waitFor();
});

it('starts the demonstration', async () => {
  const view = await open({ window: 'search', scenario: 'empty' });
  await view.tabTo('button', 'Try the demonstration');
  await view.press('Enter');
  await expect.poll(() => view.calls()).toContain('tryDemonstration');
});

it('closes with Escape', async () => {
  const view = await open({ window: 'search', scenario: 'usual' });
  await view.type('bill');
  await view.press('Escape');
  await view.called('closeWindow');
});
