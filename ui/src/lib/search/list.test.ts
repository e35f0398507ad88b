import { describe, expect, it } from 'vitest';

import { moved, scrollFor, visibleRows } from './list';

describe('visibleRows', () => {
  it('draws what is in view and a few rows on either side', () => {
    expect(visibleRows(4000, 400, 40, 5000)).toEqual({ first: 94, end: 116 });
  });

  it('stays within the list', () => {
    expect(visibleRows(0, 400, 40, 3)).toEqual({ first: 0, end: 3 });
    expect(visibleRows(9000, 400, 40, 3)).toEqual({ first: 0, end: 3 });
  });
});

describe('scrollFor', () => {
  it('does not scroll when the row is in view', () => {
    expect(scrollFor(5, 100, 400, 40)).toBe(100);
  });

  it('scrolls just far enough up or down', () => {
    expect(scrollFor(1, 100, 400, 40)).toBe(40);
    expect(scrollFor(20, 100, 400, 40)).toBe(440);
  });

  it('shows the top of a row that is higher than the view', () => {
    expect(scrollFor(3, 0, 20, 40)).toBe(120);
  });
});

describe('moved', () => {
  it.each([
    ['ArrowDown', 3, 4],
    ['ArrowDown', 9, 0],
    ['ArrowUp', 3, 2],
    ['ArrowUp', 0, 9],
    ['PageDown', 3, 8],
    ['PageDown', 8, 9],
    ['PageUp', 3, 0],
    ['Home', 3, 0],
    ['End', 3, 9],
    ['a', 3, null],
  ])('%s leads from row %i to %s', (key, from, to) => {
    expect(moved(key, from, 10, 5)).toBe(to);
  });

  it('has nowhere to go in an empty list', () => {
    expect(moved('ArrowDown', 0, 0, 5)).toBe(0);
    expect(moved('End', 0, 0, 5)).toBe(0);
  });
});
