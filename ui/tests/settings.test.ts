import { expect, it } from 'vitest';

import { open, useBrowser } from './window';

useBrowser();

it('adds a portal by keyboard', async () => {
  const view = await open({ window: 'settings', scenario: 'usual' });
  await view.tabTo('button', 'Add portal…');
  await view.press('Enter');
  await view.type('https://lab.awsapps.com/start');
  await view.press('Tab');
  await view.type('us-west-2');
  await view.press('Tab');
  await view.type('lab');
  await view.press('Enter');
  await view.called('addPortal https://lab.awsapps.com/start us-west-2 lab');
  await view.page.getByRole('status').getByText('Added lab').waitFor({ state: 'attached' });
  await view.tabTo('button', 'Sign in to lab');
  await view.press('Enter');
  await view.called('signIn lab pkce');
  await view.press('Enter');
  await view.called('cancelSignIn lab');
});

it('points at the field that is wrong', async () => {
  const view = await open({ window: 'settings', scenario: 'empty' });
  const focused = () =>
    view.page.evaluate(() => (document.activeElement as HTMLInputElement).labels?.[0]?.textContent);
  await view.type('lab.awsapps.com/start');
  await view.press('Tab');
  await view.type('us-west-2');
  await view.press('Enter');
  await expect.poll(focused).toBe('Start URL');
  await view.page.getByText('This is not an address').waitFor();
  expect(await view.calls()).toEqual([]);
});

it('shows at its field what the portal refused', async () => {
  const view = await open({ window: 'settings', scenario: 'empty' });
  await view.refuse('addPortal', {
    code: 'wrong_portal',
    message: 'us-west-2 knows no portal at this start URL.',
    nextStep: 'Check the start URL and the region.',
  });
  await view.type('https://lab.awsapps.com/start');
  await view.press('Tab');
  await view.type('us-west-2');
  await view.press('Enter');
  const field = view.page.getByRole('textbox', { name: 'Start URL' });
  await view.page.getByText('us-west-2 knows no portal').waitFor();
  expect(await field.getAttribute('aria-invalid')).toBe('true');
});

it('removes a portal only after a question', async () => {
  const view = await open({ window: 'settings', scenario: 'two-portals' });
  const dialog = view.page.getByRole('dialog');
  await view.tabTo('button', 'Remove… lab');
  await view.press('Enter');
  await dialog.waitFor();
  await view.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(await view.calls()).toEqual([]);

  await view.press('Enter');
  await dialog.waitFor();
  await view.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  expect(await view.calls()).toEqual([]);

  await view.press('Enter');
  await dialog.waitFor();
  await view.press('Tab', 'Enter');
  await view.called('removePortal lab');
  await view.page.getByRole('article', { name: 'lab' }).waitFor({ state: 'detached' });
});

it('changes how consoles open, the browser, and starting with the desktop', async () => {
  const view = await open({ window: 'settings', scenario: 'usual' });
  await view.tabTo('combobox', 'Open consoles');
  await view.press('ArrowDown');
  await view.called('setConsole acme shortcut');
  await view.turnTo('General');
  await view.tabTo('switch', 'Start when I log in');
  await view.press('Space');
  await view.called('setAutostart true');
  await view.tabTo('textbox', 'Browser command');
  await view.type('firefox -P work %s');
  await view.press('Enter');
  await view.called('setBrowser firefox -P work %s');
  await view.press('Control+a', 'Delete', 'Enter');
  await view.called('setBrowser ');
  expect((await view.snapshot()).settings).toMatchObject({ browser: null, autostart: true });
});

it('shares a sign-in and says that its token then stands in a plain file', async () => {
  const view = await open({ window: 'settings', scenario: 'usual' });
  await view.tabTo('switch', 'Share the sign-in with AWS’s own tools for acme');
  await view.press('Space');
  await view.called('setShareSignIn acme true');
  await view.page.getByText('its token stands in a plain file').waitFor();
  await view.press('Space');
  await view.called('setShareSignIn acme false');
});

it('changes how a role that is kept reaches the tools, and stops with the last way', async () => {
  const view = await open({ window: 'settings', scenario: 'usual' });
  await view.turnTo('Kept roles');
  const role = '222233334444 DatabaseAdministrator';
  const about = 'for Data Platform / DatabaseAdministrator';
  await view.tabTo('switch', `Keys in the credentials file ${about}`);
  await view.press('Space');
  await view.called(`setKept acme ${role} static_keys true`);
  await view.page.getByText('Profile profile-static_keys').waitFor();
  await view.press('Space');
  await view.called(`setKept acme ${role} static_keys false`);
  await view.page.getByRole('switch', { name: `Profile that asks Vestibule ${about}` }).focus();
  await view.press('Space');
  await view.called(`setKept acme ${role} process false`);
  await view.page.getByRole('article', { name: /Data Platform/ }).waitFor({ state: 'detached' });
  const focused = () => view.page.evaluate(() => document.activeElement?.textContent);
  await expect.poll(focused).toMatch(/^AWS’s tools find/);
  await view.page.getByRole('status').getByText('no longer kept').waitFor({ state: 'attached' });
});

it('copies an endpoint for one client and says how long it is served', async () => {
  const view = await open({ window: 'settings', scenario: 'usual' });
  await view.turnTo('Kept roles');
  await view.tabTo('button', 'Copy endpoint of Data Platform / DatabaseAdministrator');
  await view.press('Enter');
  await view.called('copyEndpoint acme 222233334444 DatabaseAdministrator');
  await view.page.getByRole('status').getByText('until Vestibule ends').waitFor();
});

it('says what a profile of AWS’s own kind needs', async () => {
  const view = await open({ window: 'settings', scenario: 'usual' });
  await view.refuse('setKept', {
    code: 'bad_request',
    message: 'Profiles of AWS’s own kind need a shared sign-in.',
    nextStep: 'Share it in the settings.',
  });
  await view.turnTo('Kept roles');
  await view.tabTo('switch', /Profile of AWS’s own kind for Data Platform/);
  await view.press('Space');
  await view.page.getByRole('alert').getByText('need a shared sign-in').waitFor();
});

it('goes from part to part with the arrow keys', async () => {
  const view = await open({ window: 'settings', scenario: 'usual' });
  await view.tabTo('tab', 'Portals');
  await view.press('ArrowLeft');
  await view.page.getByRole('switch', { name: 'Start when I log in' }).waitFor();
  await view.press('ArrowRight', 'ArrowRight', 'ArrowRight');
  await view.page.getByRole('button', { name: 'Add chained role…' }).waitFor();
  const tab = view.page.getByRole('tab', { selected: true });
  expect(await tab.evaluate((element) => element === document.activeElement)).toBe(true);
  await view.press('Home');
  await view.page.getByRole('article', { name: 'acme' }).waitFor();
});

it('imports the portals that the AWS config file names', async () => {
  const view = await open({ window: 'settings', scenario: 'importable' });
  await view.page.getByText('names 2 portals that are not here yet').waitFor();
  await view.tabTo('button', 'Import');
  await view.press('Enter');
  await view.called('importPortals');
  await view.page.getByRole('status').getByText('Added blue, d-9067000000').waitFor({
    state: 'attached',
  });
  await view.page.getByRole('article', { name: 'blue' }).waitFor();
  await view.page.getByRole('button', { name: 'Import' }).waitFor({ state: 'detached' });
  await view.tabTo('button', 'Sign in to blue');
});

it('closes the form with Escape first, then the window', async () => {
  const view = await open({ window: 'settings', scenario: 'usual' });
  await view.tabTo('button', 'Add portal…');
  await view.press('Enter');
  await view.page.getByRole('textbox', { name: 'Start URL' }).waitFor();
  await view.press('Escape');
  const add = view.page.getByRole('button', { name: 'Add portal…' });
  await expect.poll(() => add.evaluate((element) => element === document.activeElement)).toBe(true);
  expect(await view.calls()).toEqual([]);
  await view.press('Escape');
  await view.called('closeWindow');
});
