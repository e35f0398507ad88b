import { expect, it } from 'vitest';

import { open, useBrowser, type OpenWindow } from './window';

useBrowser();

async function profiles(): Promise<OpenWindow> {
  const view = await open({ window: 'settings', scenario: 'usual' });
  await view.turnTo('Profiles');
  return view;
}

it('previews, writes and removes profiles by keyboard', async () => {
  const view = await profiles();
  await view.tabTo('textbox', 'Only profiles named (optional)');
  await view.type('payments-*');
  await view.press('Tab', 'Tab');
  await view.type('us-west-2');
  await view.press('Enter');
  await view.called('previewProfiles payments-* {account}-{role} us-west-2');
  const told = view.page.getByRole('status');
  await told.getByText('5 new profiles would be written.').waitFor();
  const diff = view.page.getByRole('region', { name: 'What would change' });
  const text = await diff.innerText();
  expect(text).toContain('\n+[profile payments-staging-poweruseraccess]\n');
  expect(text).toContain('\n+region = us-west-2\n');

  await view.tabTo('button', 'Write');
  await view.press('Enter');
  await view.called('writeProfiles payments-* {account}-{role} us-west-2');
  await told.getByText('5 new profiles in /home/alex/.aws/config, 0 stood').waitFor();
  await view.page.getByText('The file as it was: /home/alex/.aws/config.').waitFor();
  expect(await diff.count()).toBe(0);

  await view.press('Shift+Tab', 'Enter');
  await told.getByText('Nothing would change').waitFor();

  await view.tabTo('button', 'Remove…');
  await view.press('Enter');
  await view.page.getByRole('dialog').getByText('named like payments-*').waitFor();
  await view.press('Tab', 'Enter');
  await view.called('removeProfiles payments-*');
  await told.getByText('Removed 5 profiles.').waitFor();
});

it('takes a preview away once something else is asked for', async () => {
  const view = await profiles();
  await view.page.getByRole('button', { name: 'Preview' }).click();
  const diff = view.page.getByRole('region', { name: 'What would change' });
  await diff.waitFor();
  await view.page.getByRole('textbox', { name: 'Only profiles named (optional)' }).fill('a*');
  await diff.waitFor({ state: 'detached' });
});

it('shows at its field what cannot be used', async () => {
  const view = await profiles();
  const template = view.page.getByRole('textbox', { name: 'Names of new profiles' });
  await view.page.getByLabel('Region of new profiles').fill('Frankfurt');
  await view.press('Enter');
  await view.page.getByText('“Frankfurt” is not a region.').waitFor();
  expect(await view.calls()).toEqual([]);
  await view.press('Control+a', 'Delete');

  await view.refuse('writeProfiles', {
    code: 'bad_request',
    message: 'There is no {rolle}.',
    nextStep: 'Correct it and try again.',
    field: 'nameTemplate',
  });
  await template.fill('{rolle}');
  await view.page.getByRole('button', { name: 'Write' }).click();
  await view.page.getByText('There is no {rolle}. Correct it and try again.').waitFor();
  expect(await template.evaluate((element) => element === document.activeElement)).toBe(true);
  expect(await view.page.getByRole('alert').count()).toBe(0);
});

it('says why a file could not be changed', async () => {
  const view = await profiles();
  await view.refuse('writeProfiles', {
    code: 'file',
    message: 'Cannot change /home/alex/.aws/config: line 4 is no setting.',
    nextStep: 'Correct that line, then try again.',
  });
  await view.page.getByRole('button', { name: 'Write' }).click();
  await view.page.getByRole('alert').getByText('Correct that line').waitFor();
});
