/** Rows kept beyond either edge, so that a quick scroll shows no gap. */
const OVERSCAN = 6;

/** The rows to draw, `first` to before `end`, of a list whose rows are all equally high. */
export function visibleRows(
  scrollTop: number,
  viewport: number,
  rowHeight: number,
  count: number,
): { first: number; end: number } {
  const top = Math.floor(scrollTop / rowHeight);
  const bottom = Math.ceil((scrollTop + viewport) / rowHeight);
  return {
    first: Math.max(0, Math.min(top, count) - OVERSCAN),
    end: Math.min(count, bottom + OVERSCAN),
  };
}

/** The least scrolling from `scrollTop` that brings the whole row into view. */
export function scrollFor(
  row: number,
  scrollTop: number,
  viewport: number,
  rowHeight: number,
): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  return Math.max(scrollTop, Math.min(top, top + rowHeight - viewport));
}

/** Which of `count` rows a key leads to from `active`; null when the key does not move. */
export function moved(key: string, active: number, count: number, page: number): number | null {
  const last = Math.max(0, count - 1);
  switch (key) {
    case 'ArrowDown':
      return active >= last ? 0 : active + 1;
    case 'ArrowUp':
      return active <= 0 ? last : active - 1;
    case 'PageDown':
      return Math.min(last, active + page);
    case 'PageUp':
      return Math.max(0, active - page);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}
