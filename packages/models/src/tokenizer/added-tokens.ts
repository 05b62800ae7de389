/** Tokens beside the model's own vocabulary, found in a text before anything else happens to it. */
import type { Json } from './json.ts';
import { wordCharacter } from './pipeline/pattern.ts';

/** An entry of tokenizer.json's `added_tokens`. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Left out where a text is wanted without special tokens. */
  readonly special: boolean;
  /** Only where no word character stands beside it. */
  readonly singleWord: boolean;
  /** Takes the whitespace before it, or behind it, with it. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Looked for in the normalised text rather than in the text itself. */
  readonly normalized: boolean;
}

/** Reads one entry. Throws a RangeError when it lacks its id or content. */
export const addedTokenOf = (entry: unknown): AddedToken => {
  const json = (entry ?? {}) as Json;
  const { id, content } = json;
  if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || typeof content !== 'string')
    throw new RangeError(`added_tokens: each needs an id and a content, got ${JSON.stringify(entry)}`);
  const special = json.special === true;
  return {
    id,
    content,
    special,
    singleWord: json.single_word === true,
    lstrip: json.lstrip === true,
    rstrip: json.rstrip === true,
    normalized: typeof json.normalized === 'boolean' ? json.normalized : !special,
  };
};

/** [start, end) of a text, and the token that stands there. */
export interface Section {
  readonly start: number;
  readonly end: number;
  readonly token?: AddedToken;
}

const endsInWord = new RegExp(`${wordCharacter}$`, 'u');
const beginsWithWord = new RegExp(`^${wordCharacter}`, 'u');

/** Whether a word character stands right before `start` or right behind `end`. */
const besideWord = (text: string, start: number, end: number): boolean =>
  endsInWord.test(text.slice(Math.max(0, start - 2), start)) || beginsWithWord.test(text.slice(end, end + 2));

const spaceBefore = (text: string, start: number): number => {
  let at = start;
  while (at > 0 && /\p{White_Space}/u.test(text[at - 1]!)) at--;
  return at;
};

const spaceBehind = (text: string, end: number): number => {
  let at = end;
  while (at < text.length && /\p{White_Space}/u.test(text[at]!)) at++;
  return at;
};

/** Cuts a text at the tokens it holds: the leftmost, and there the longest, first. */
export type Splitter = (text: string) => Section[];

/** A splitter for tokens by the text they are found as. */
export const splitterOf = (tokens: Iterable<readonly [found: string, token: AddedToken]>): Splitter => {
  const byFirst = new Map<string, (readonly [string, AddedToken])[]>();
  for (const entry of tokens) {
    const [first] = entry[0];
    if (first === undefined) continue;
    const unit = entry[0][0]!;
    byFirst.set(unit, [...(byFirst.get(unit) ?? []), entry]);
  }
  for (const entries of byFirst.values()) entries.sort(([a], [b]) => b.length - a.length);
  if (byFirst.size === 0) return (text) => (text === '' ? [] : [{ start: 0, end: text.length }]);
  return (text) => {
    const sections: Section[] = [];
    let covered = 0;
    for (let at = 0; at < text.length; ) {
      const match = byFirst.get(text[at]!)?.find(([found]) => text.startsWith(found, at));
      if (!match) {
        at++;
        continue;
      }
      const [found, token] = match;
      const after = at + found.length;
      if (!token.singleWord || !besideWord(text, at, after)) {
        const start = token.lstrip ? Math.max(spaceBefore(text, at), covered) : at;
        const end = token.rstrip ? spaceBehind(text, after) : after;
        if (covered < start) sections.push({ start: covered, end: start });
        sections.push({ start, end, token });
        covered = end;
      }
      at = after;
    }
    if (covered < text.length) sections.push({ start: covered, end: text.length });
    return sections;
  };
};
