import { fold, wordStarts } from './text';

/** How well a term fits, best first. */
export enum Fit {
  /** The term begins a word. */
  Prefix,
  /** The term stands within a word. */
  Within,
  /** Every letter continues the one before or begins a word: `pua` in `PowerUserAccess`. */
  Humps,
  /** The letters occur in order, the first at the beginning of a word. */
  Letters,
}

/** A text made ready for being searched. */
export interface Field {
  folded: string;
  starts: number[];
}

/** How a term fits a field, and which places of the field it covers, ascending. */
export interface FieldMatch {
  fit: Fit;
  places: number[];
}

export function field(text: string): Field {
  return { folded: fold(text), starts: wordStarts(text) };
}

/** The best fit of `term`, which must be folded and not empty; null when it does not occur. */
export function matchField({ folded, starts }: Field, term: string): FieldMatch | null {
  const prefix = starts.find((start) => folded.startsWith(term, start));
  if (prefix !== undefined) return { fit: Fit.Prefix, places: run(prefix, term.length) };

  const within = folded.indexOf(term);
  if (within >= 0) return { fit: Fit.Within, places: run(within, term.length) };

  const humps = matchHumps(folded, starts, term);
  if (humps) return { fit: Fit.Humps, places: humps };

  const letters = matchLetters(folded, starts, term);
  return letters && { fit: Fit.Letters, places: letters };
}

function run(from: number, length: number): number[] {
  return Array.from({ length }, (_, offset) => from + offset);
}

function matchHumps(folded: string, starts: number[], term: string): number[] | null {
  const beginsWord = new Set(starts);
  // Without a memory of dead ends, `aaaa` in `A A A A …` would take exponential time.
  const deadEnds = new Set<string>();

  function rest(done: number, after: number): number[] | null {
    if (done === term.length) return [];
    if (deadEnds.has(`${done} ${after}`)) return null;
    const next = after + 1;
    const candidates = done > 0 && !beginsWord.has(next) ? [next] : [];
    candidates.push(...starts.filter((start) => start > after));
    for (const place of candidates) {
      if (folded[place] !== term[done]) continue;
      const tail = rest(done + 1, place);
      if (tail) return [place, ...tail];
    }
    deadEnds.add(`${done} ${after}`);
    return null;
  }

  return rest(0, -1);
}

function matchLetters(folded: string, starts: number[], term: string): number[] | null {
  for (const start of starts) {
    if (folded[start] !== term[0]) continue;
    const places = [start];
    for (const letter of term.slice(1)) {
      const place = folded.indexOf(letter, places[places.length - 1]! + 1);
      // A later start leaves fewer letters still: no start can do better.
      if (place < 0) return null;
      places.push(place);
    }
    return places;
  }
  return null;
}
