/** Lower case without accents, unit for unit: a place in the result is a place in `text`. */
export function fold(text: string): string {
  let folded = '';
  for (let at = 0; at < text.length; at++) {
    const unit = text.charAt(at);
    folded += unit.normalize('NFD').charAt(0).toLowerCase().charAt(0) || unit;
  }
  return folded;
}

/** Where words begin: after anything but letters and digits, and at humps as in `PowerUser`. */
export function wordStarts(text: string): number[] {
  const starts: number[] = [];
  for (const match of text.matchAll(/\p{Lu}+(?!\p{Ll})|\p{Lu}?[^\P{L}\p{Lu}]+|\p{N}+/gu)) {
    starts.push(match.index);
  }
  return starts;
}
