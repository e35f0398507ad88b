/** A piece of a text, marked when the query covers it. */
export interface Piece {
  text: string;
  marked: boolean;
}

/** Cuts `text` where marking begins and ends; `places` may be in any order and repeat. */
export function pieces(text: string, places: number[]): Piece[] {
  const covered = new Set(places);
  const cut: Piece[] = [];
  for (let at = 0; at < text.length; at++) {
    const marked = covered.has(at);
    const last = cut[cut.length - 1];
    if (last?.marked === marked) last.text += text.charAt(at);
    else cut.push({ text: text.charAt(at), marked });
  }
  return cut;
}
