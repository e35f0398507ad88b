import { describe, expect, it } from 'vitest';

import { open, useBrowser, type OpenWindow, type Shown } from './window';

type State = [name: string, shown: Shown, reach?: (view: OpenWindow) => Promise<unknown>];

const FAILURE = {
  code: 'portal_unreachable',
  message: 'The portal acme did not answer.',
  nextStep: 'Check your network, then try again.',
};

const STATES: State[] = [
  ['roles', { window: 'search', scenario: 'usual' }],
  ['roles found', { window: 'search', scenario: 'usual' }, (view) => view.type('pay read')],
  ['nothing found', { window: 'search', scenario: 'usual' }, (view) => view.type('zzz')],
  ['two portals, one expired', { window: 'search', scenario: 'two-portals' }],
  ['thousands of roles', { window: 'search', scenario: 'large' }, (view) => view.press('End')],
  ['a portal with a problem', { window: 'search', scenario: 'unreachable' }],
  ['accounts being listed', { window: 'search', scenario: 'listing' }],
  ['no account', { window: 'search', scenario: 'unassigned' }],
  ['signed out', { window: 'search', scenario: 'signed-out' }],
  ['signing in', { window: 'search', scenario: 'pkce' }],
  ['no portal', { window: 'search', scenario: 'empty' }],
  [
    'a refusal',
    { window: 'search', scenario: 'usual' },
    async (view) => {
      await view.refuse('openConsole', FAILURE);
      await view.press('Enter');
      await view.page.getByRole('alert').waitFor();
    },
  ],
  [
    'credentials copied',
    { window: 'search', scenario: 'usual' },
    (view) => view.press('Control+Shift+c'),
  ],
  ['portals', { window: 'settings', scenario: 'two-portals' }],
  ['no portal', { window: 'settings', scenario: 'empty' }],
  [
    'a shared sign-in and keys',
    { window: 'settings', scenario: 'usual' },
    async (view) => {
      await view.page.getByRole('switch', { name: /Share the sign-in/ }).click();
      await view.turnTo('Kept roles');
      await view.page
        .getByRole('switch', { name: /Keys in the/ })
        .first()
        .click();
    },
  ],
  ['a problem', { window: 'settings', scenario: 'unreachable' }],
  ['signing in', { window: 'settings', scenario: 'pkce' }],
  ['a wrong form', { window: 'settings', scenario: 'empty' }, (view) => view.press('Enter')],
  [
    'removing',
    { window: 'settings', scenario: 'usual' },
    (view) => view.page.getByRole('button', { name: 'Remove' }).click(),
  ],
  ['portals to import', { window: 'settings', scenario: 'importable' }],
  [
    'chained roles',
    { window: 'settings', scenario: 'chained' },
    (view) => view.turnTo('Chained roles'),
  ],
  [
    'no role to keep',
    { window: 'settings', scenario: 'signed-out' },
    (view) => view.turnTo('Kept roles'),
  ],
  [
    'no role to take another from',
    { window: 'settings', scenario: 'signed-out' },
    (view) => view.turnTo('Chained roles'),
  ],
  [
    'a wrong chained role',
    { window: 'settings', scenario: 'chained' },
    async (view) => {
      await view.turnTo('Chained roles');
      await view.page.getByRole('button', { name: 'Add chained role…' }).click();
      await view.page.getByText('MFA, external id and more').click();
      await view.press('Tab');
      await view.type('no');
      await view.press('Enter');
    },
  ],
  [
    'what would be written',
    { window: 'settings', scenario: 'usual' },
    async (view) => {
      await view.turnTo('Profiles');
      await view.page.getByRole('button', { name: 'Preview' }).click();
      await view.page.getByRole('region', { name: 'What would change' }).waitFor();
    },
  ],
  [
    'no profile to write',
    { window: 'settings', scenario: 'empty' },
    (view) => view.turnTo('Profiles'),
  ],
  ['general', { window: 'settings', scenario: 'usual' }, (view) => view.turnTo('General')],
  ['broken settings', { window: 'settings', scenario: 'broken-settings' }],
  ['code', { window: 'sign-in', scenario: 'device' }],
  ['browser', { window: 'sign-in', scenario: 'pkce' }],
  ['done', { window: 'sign-in', scenario: 'usual' }],
  ['not begun', { window: 'sign-in', scenario: 'signed-out' }],
  ['no such portal', { window: 'sign-in', scenario: 'empty' }],
  [
    'failed',
    { window: 'sign-in', scenario: 'device' },
    (view) => view.page.evaluate((why) => window.fake.failSignIn('acme', why), FAILURE),
  ],
];

const CODE = {
  window: 'mfa-code',
  scenario: 'mfa-code',
  accountId: '666677778888',
  roleName: 'BreakGlass',
} as const;

const CODES: State[] = [
  ['a code wanted', CODE],
  ['no code wanted', { ...CODE, scenario: 'usual' }],
  [
    'what is no code',
    CODE,
    async (view) => {
      await view.type('12');
      await view.press('Enter');
    },
  ],
  [
    'a wrong code',
    CODE,
    async (view) => {
      await view.refuse('enterMfaCode', FAILURE);
      await view.type('123456');
      await view.press('Enter');
      await view.page.getByRole('alert').waitFor();
    },
  ],
];

useBrowser();

describe.each([...STATES, ...CODES])('%s', (_, shown, reach) => {
  it(`has no flaw in the ${shown.window} window, be it light, dark or twice as large`, async () => {
    const view = await open(shown);
    await reach?.(view);
    const { width, height } = view.page.viewportSize()!;
    expect(await view.flaws(), 'light at 100 %').toEqual([]);

    // To a page, being zoomed is to have as much less room.
    await view.page.setViewportSize({ width: width / 2, height: height / 2 });
    await view.page.emulateMedia({ colorScheme: 'dark' });
    expect(await view.flaws(), 'dark at 200 %').toEqual([]);
    expect(await overflow(view), 'scrolls sideways at 200 %').toBe(0);
  });
});

it('turns no wheel for who wants no motion', async () => {
  const view = await open({ window: 'sign-in', scenario: 'pkce' });
  const moving = () => view.page.evaluate(() => document.getAnimations().length);
  expect(await moving()).toBe(1);
  await view.page.emulateMedia({ reducedMotion: 'reduce' });
  expect(await moving()).toBe(0);
});

/** How far the page can be scrolled sideways, in CSS pixels. */
function overflow({ page }: OpenWindow): Promise<number> {
  return page.evaluate(() => document.body.scrollWidth - document.body.clientWidth);
}
