import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

import type { AxeResults } from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';

import type { Backend } from '../src/lib/backend/backend';
import type { FakeBackend } from '../src/lib/backend/fake';
import type { Failure, Snapshot } from '../src/lib/backend/types';

declare global {
  interface Window {
    fake: FakeBackend;
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The sizes at which the tray application opens the windows. */
const SIZES = {
  search: { width: 720, height: 560 },
  settings: { width: 680, height: 640 },
  'sign-in': { width: 480, height: 620 },
  'mfa-code': { width: 440, height: 420 },
};

/** Which window, and in which situation. */
export interface Shown {
  window: keyof typeof SIZES;
  scenario: string;
  /** The account and role whose code is asked for. */
  accountId?: string;
  roleName?: string;
}

let browser: Browser;
const pages: OpenWindow[] = [];

/** Gives every test of a file the shared browser, and closes what it opened. */
export function useBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.connect(inject('browser'));
  });
  afterEach(async () => {
    const opened = pages.splice(0);
    for (const page of opened) await page.page.context().close();
    for (const page of opened) expect(page.errors, 'errors on the page').toEqual([]);
  });
  afterAll(() => browser.close());
}

/** Opens a window on the fake backend, or on `address`, and waits until it is drawn. */
export async function open(shown: Shown, address = inject('fakePage')): Promise<OpenWindow> {
  const context = await browser.newContext({ viewport: SIZES[shown.window], locale: 'en-GB' });
  const page = new OpenWindow(await context.newPage(), shown);
  pages.push(page);
  return page.load(address);
}

/** A window with a user before it. */
export class OpenWindow {
  /** What the page complained of: exceptions, and what its security policy forbade. */
  readonly errors: string[] = [];

  constructor(
    readonly page: Page,
    readonly shown: Shown,
  ) {
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => {
      // Chromium asks every origin for an icon; the application's windows have their own.
      const icon = message.location().url.endsWith('/favicon.ico');
      if (message.type() === 'error' && !icon) this.errors.push(message.text());
    });
  }

  async load(address: string): Promise<this> {
    const query = new URLSearchParams({ ...this.shown, session: 'acme' });
    await this.page.goto(`${address}?${query}`);
    await this.page.locator('h1').waitFor({ state: 'attached' });
    return this;
  }

  /** Presses keys one after another, such as `ArrowDown` or `Control+d`. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  /** Presses Tab until the element of this role and name has the focus. */
  async tabTo(role: Parameters<Page['getByRole']>[0], name: string | RegExp): Promise<void> {
    const wanted = this.page.getByRole(role, { name }).first();
    for (let presses = 0; presses < 40; presses++) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
      await this.press('Tab');
    }
    throw new Error(`Tab does not reach the ${role} ${name}`);
  }

  /** Turns to a part of the window that has several. */
  async turnTo(name: string): Promise<void> {
    await this.page.getByRole('tab', { name }).click();
  }

  /** What the window asked of the backend so far. */
  calls(): Promise<string[]> {
    return this.page.evaluate(() => window.fake.calls);
  }

  /** Waits until the last call was this one. */
  async called(call: string): Promise<void> {
    await expect.poll(async () => (await this.calls()).at(-1)).toBe(call);
  }

  snapshot(): Promise<Snapshot> {
    return this.page.evaluate(() => window.fake.snapshot);
  }

  async refuse(method: keyof Backend, failure: Failure): Promise<void> {
    await this.page.evaluate(([name, why]) => window.fake.refuse(name, why), [
      method,
      failure,
    ] as const);
  }

  /** What axe-core finds, in words. */
  async flaws(): Promise<string[]> {
    await this.page.evaluate(AXE);
    const { violations } = await this.page.evaluate(async () => {
      const { axe } = window as unknown as { axe: { run(): Promise<AxeResults> } };
      return axe.run();
    });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html }) => `${id}: ${help}: ${html}`),
    );
  }
}
