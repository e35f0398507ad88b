import { chromium } from 'playwright-core';
import { build, preview, type PreviewServer } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the page with the fake backend is served. */
    fakePage: string;
    /** Where the page that ships is served. */
    shippedPage: string;
    /** Where the browser listens that all test files share. */
    browser: string;
  }
}

/** The policy of `src-tauri/tauri.conf.json`, but for its message channel. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";

/** Builds and serves the page, with the fake backend and as shipped, and starts a browser. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = [await serve('fake'), await serve('production')] as const;
  const browser = await chromium.launchServer({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // The first start on a machine may take long.
    timeout: 120_000,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  });
  project.provide('fakePage', address(servers[0]));
  project.provide('shippedPage', address(servers[1]));
  project.provide('browser', browser.wsEndpoint());
  return async () => {
    await browser.close();
    await Promise.all(servers.map((server) => server.close()));
  };
}

async function serve(mode: string): Promise<PreviewServer> {
  const outDir = `node_modules/.cache/pages/${mode}`;
  const config = { mode, logLevel: 'warn', build: { outDir } } as const;
  await build(config);
  return preview({
    ...config,
    preview: { host: '127.0.0.1', port: 0, headers: { 'content-security-policy': POLICY } },
  });
}

function address(server: PreviewServer): string {
  return server.resolvedUrls!.local[0]!;
}
