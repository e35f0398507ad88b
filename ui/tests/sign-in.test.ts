import { expect, it } from 'vitest';

import { open, useBrowser } from './window';

useBrowser();

it('leads through the device flow by keyboard', async () => {
  const view = await open({ window: 'sign-in', scenario: 'signed-out' });
  await view.tabTo('button', 'Use a code');
  await view.press('Enter');
  await view.called('signIn acme device');
  await view.page.getByLabel('Code', { exact: true }).getByText('BCDF-GHJK').waitFor();

  await view.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await view.tabTo('button', 'Copy code');
  await view.press('Enter');
  await view.page.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await view.page.evaluate(() => navigator.clipboard.readText())).toBe('BCDF-GHJK');

  await view.tabTo('button', 'Open in the browser');
  await view.press('Enter');
  await view.called('openSignInPage acme');
  await view.page.evaluate(() => window.fake.finishSignIn('acme'));
  await view.tabTo('button', 'Close');
  await view.press('Enter');
  await view.called('closeWindow');
});

it('changes from the browser to a code', async () => {
  const view = await open({ window: 'sign-in', scenario: 'pkce' });
  await view.tabTo('button', 'Use a code instead');
  await view.press('Enter');
  await view.called('signIn acme device');
  expect(await view.calls()).toEqual(['cancelSignIn acme', 'signIn acme device']);
});

it('cancels, and can begin again at once', async () => {
  const view = await open({ window: 'sign-in', scenario: 'device' });
  await view.tabTo('button', 'Cancel');
  await view.press('Enter');
  await view.called('cancelSignIn acme');
  await view.tabTo('button', 'Continue in the browser');
});

it('says why it failed and tries again the same way', async () => {
  const view = await open({ window: 'sign-in', scenario: 'device' });
  await view.page.evaluate(() =>
    window.fake.failSignIn('acme', {
      code: 'sign_in_timed_out',
      message: 'The code was not confirmed in time.',
      nextStep: 'Try again, and confirm the new code.',
    }),
  );
  await view.page.getByRole('status').getByText('confirm the new code').waitFor();
  await view.tabTo('button', 'Try again');
  await view.press('Enter');
  await view.called('signIn acme device');
});

it('shows the QR code as a square large enough for a phone', async () => {
  const view = await open({ window: 'sign-in', scenario: 'device' });
  const code = view.page.getByRole('img', { name: 'QR code' });
  const { width, height } = (await code.boundingBox())!;
  expect(width).toBe(height);
  expect(width).toBeGreaterThan(150);
});
