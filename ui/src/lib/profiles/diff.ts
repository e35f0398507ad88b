/** A line of a unified diff. */
export interface DiffLine {
  kind: 'file' | 'place' | 'removed' | 'added';
  text: string;
}

/** The lines of a unified diff without context, the first `most` of them, and how many are left. */
export function diffLines(changes: string, most: number): { lines: DiffLine[]; left: number } {
  const all = changes.replace(/\n$/, '').split('\n');
  // The first two name the file; what begins like them below is a line of it.
  const lines = all.slice(0, most).map((text, at) => ({ kind: kindOf(text, at < 2), text }));
  return { lines, left: Math.max(all.length - most, 0) };
}

function kindOf(text: string, isHead: boolean): DiffLine['kind'] {
  if (isHead) return 'file';
  if (text.startsWith('@@')) return 'place';
  return text.startsWith('-') ? 'removed' : 'added';
}
