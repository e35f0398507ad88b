import './app.css';

import { mount } from 'svelte';

import App from './App.svelte';
import type { Backend } from './lib/backend/backend';
import { tauri } from './lib/backend/tauri';
import { windowOf } from './lib/window';

const parameters = new URLSearchParams(location.search);

/** The tray application; outside it a fake, which no production build contains. */
async function backend(): Promise<Backend> {
  if (import.meta.env.MODE !== 'production' && !('__TAURI_INTERNALS__' in window)) {
    const { FakeBackend } = await import('./lib/backend/fake');
    const { IMPORTABLE, SCENARIOS } = await import('./lib/backend/scenarios');
    const name = parameters.get('scenario') ?? 'usual';
    const scenario = SCENARIOS[name] ?? SCENARIOS.usual!;
    return Object.assign(window, { fake: new FakeBackend(scenario(), IMPORTABLE[name]) }).fake;
  }
  return tauri;
}

const target = document.getElementById('app')!;
mount(App, { target, props: { backend: await backend(), shown: windowOf(parameters) } });
