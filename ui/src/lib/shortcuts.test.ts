import { expect, it } from 'vitest';

import { keys, pressed } from './shortcuts';

function press(key: string, ...modifiers: ('ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey')[]) {
  const none = { ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };
  return { key, ...none, ...Object.fromEntries(modifiers.map((name) => [name, true])) };
}

it('takes Control, and Command on macOS', () => {
  expect(pressed(press('d', 'ctrlKey'), false)).toBe('favourite');
  expect(pressed(press('d', 'metaKey'), true)).toBe('favourite');
  expect(pressed(press('d', 'metaKey'), false)).toBeNull();
  expect(pressed(press('d', 'ctrlKey'), true)).toBeNull();
});

it('leaves the keys of the text field alone', () => {
  expect(pressed(press('c', 'ctrlKey'), false)).toBeNull();
  expect(pressed(press('C', 'ctrlKey', 'shiftKey'), false)).toBe('copy');
  expect(pressed(press('k', 'ctrlKey', 'altKey'), false)).toBeNull();
  expect(pressed(press('k'), false)).toBeNull();
});

it('shows the keys that it takes', () => {
  expect(keys('copy', false)).toEqual({ shown: ['Ctrl', 'Shift', 'C'], aria: 'Control+Shift+C' });
  expect(keys('keep', true)).toEqual({ shown: ['⌘', 'K'], aria: 'Meta+K' });
});
