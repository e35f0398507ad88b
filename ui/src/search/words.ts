import type { Shortcut } from '../lib/shortcuts';

/** What a shortcut does, the same words wherever it is offered. */
export const SHORTCUT_WORDS: Record<Shortcut, string> = {
  copy: 'Copy credentials',
  favourite: 'Favourite',
  keep: 'Keep refreshed',
};
