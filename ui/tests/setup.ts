import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { build, preview } from 'vite';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the built page with the fake backend is served. */
    page: string;
    /** Where a browser listens that every test file shares. */
    browser: string;
  }
}

/** What the tray application serves the page under, give or take its own message channel. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

const OUT_DIR = 'node_modules/.cache/fake-page';

/** Builds the page with the fake backend, serves it, and starts a browser. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const common = { mode: 'fake', logLevel: 'warn', build: { outDir: OUT_DIR } } as const;
  await build(common);
  const server = await preview({
    ...common,
    preview: {
      host: '127.0.0.1',
      port: 0,
      headers: { 'content-security-policy': POLICY },
    },
  });
  const browser = await chromium.launchServer({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  });
  project.provide('page', server.resolvedUrls!.local[0]!);
  project.provide('browser', browser.wsEndpoint());
  return async () => {
    await browser.close();
    await server.close();
  };
}
