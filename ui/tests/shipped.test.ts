import { expect, inject, it } from 'vitest';

import { open, useBrowser } from './window';

useBrowser();

it('ships without the fake backend', async () => {
  const scripts = async (page: string) => {
    const html = await (await fetch(page)).text();
    const [, script] = /src="(.+?\.js)"/.exec(html)!;
    return (await fetch(new URL(script!, page))).text();
  };
  const invented = /scenario/;
  expect(await scripts(inject('fakePage'))).toMatch(invented);
  expect(await scripts(inject('shippedPage'))).not.toMatch(invented);
});

it('says so when nothing answers it', async () => {
  const view = await open({ window: 'search', scenario: 'usual' }, inject('shippedPage'));
  await view.page.getByRole('alert').getByText('quit Vestibule and start it').waitFor();
});
