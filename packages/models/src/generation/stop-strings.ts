/** Watching a growing continuation for stop strings without decoding it anew at every token. */
import type { Tokenizer } from '../tokenizer/types.ts';

/** The text of one continuation, fed a token at a time. */
export interface StopDetector {
  /** Adds a token; true when the text now holds a stop string. */
  readonly push: (id: number) => boolean;
  /** The text so far, cut at the end of the first stop string. */
  readonly text: () => string;
}

const pieces = new WeakMap<Tokenizer, Map<number, string>>();

const piecesOf = (tokenizer: Tokenizer): Map<number, string> => {
  const known = pieces.get(tokenizer) ?? new Map<number, string>();
  pieces.set(tokenizer, known);
  return known;
};

/** What a token adds by itself, remembered a tokenizer: text grows by this, unless a character is split over tokens. */
const pieceOf = (tokenizer: Tokenizer, id: number): string => {
  const known = piecesOf(tokenizer);
  const piece = known.get(id) ?? tokenizer.continuation([id]);
  known.set(id, piece);
  return piece;
};

/** The end of the stop string that ends first; −1 when there is none. `from` is where a new one could begin. */
const firstEnd = (text: string, stop: readonly string[], from: number): number => {
  let first = -1;
  for (const word of stop) {
    const at = text.indexOf(word, Math.max(0, from));
    if (at !== -1 && (first === -1 || at + word.length < first)) first = at + word.length;
  }
  return first;
};

/** A detector for one continuation. */
export const stopDetector = (tokenizer: Tokenizer, stop: readonly string[]): StopDetector => {
  const longest = Math.max(0, ...stop.map((word) => word.length));
  const ids: number[] = [];
  let text = '';
  let split = false;
  return {
    push: (id) => {
      ids.push(id);
      const before = text.length;
      const piece = pieceOf(tokenizer, id);
      split ||= piece.includes('\uFFFD');
      text = split ? tokenizer.continuation(ids) : text + piece;
      const end = firstEnd(text, stop, split ? 0 : before - longest + 1);
      if (end === -1) return false;
      text = text.slice(0, end);
      return true;
    },
    text: () => text,
  };
};
