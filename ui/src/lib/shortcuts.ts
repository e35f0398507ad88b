/** What a key does to the highlighted role. */
export type Shortcut = 'copy' | 'favourite' | 'keep';

/** The keys of a shortcut, for showing and for `aria-keyshortcuts`. */
export interface Keys {
  shown: string[];
  aria: string;
}

type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

const LETTERS: Record<Shortcut, { letter: string; shift: boolean }> = {
  copy: { letter: 'c', shift: true },
  favourite: { letter: 'd', shift: false },
  keep: { letter: 'k', shift: false },
};

/** The shortcut pressed, with Command on macOS and Control elsewhere; null for any other key. */
export function pressed(event: KeyPress, mac: boolean): Shortcut | null {
  const primary = mac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  if (!primary || event.altKey) return null;
  for (const [name, { letter, shift }] of Object.entries(LETTERS)) {
    if (event.key.toLowerCase() === letter && event.shiftKey === shift) return name as Shortcut;
  }
  return null;
}

/** How a shortcut is written. */
export function keys(shortcut: Shortcut, mac: boolean): Keys {
  const { letter, shift } = LETTERS[shortcut];
  const upper = letter.toUpperCase();
  return {
    shown: [mac ? '⌘' : 'Ctrl', ...(shift ? [mac ? '⇧' : 'Shift'] : []), upper],
    aria: [mac ? 'Meta' : 'Control', ...(shift ? ['Shift'] : []), upper].join('+'),
  };
}

/** Whether this is macOS, where the primary modifier is Command. */
export function isMac(): boolean {
  return /^Mac/.test(navigator.platform);
}
