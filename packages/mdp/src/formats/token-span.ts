import { assertCounts, assertOptions } from '../options.ts';
import { protectedSpans } from './blocks.ts';
import { boxedFormat } from './boxed.ts';
import { cutAt, type StepFormat } from './format.ts';

/** Text to tokens and back, and how many make a step. */
export interface TokenSpanOptions {
  /** Tokens a step, at least 1. */
  readonly length: number;
  readonly encode: (text: string) => readonly number[];
  readonly decode: (ids: readonly number[]) => string;
  /** Keep display math and code fences whole: a span that ends inside one is longer. Default true. */
  readonly wholeBlocks?: boolean;
  /** Says what is terminal and what the answer is. Default `boxedFormat`. */
  readonly base?: StepFormat;
}

/** The ends of spans of `length` tokens. A token that ends inside a character waits for the rest of it. */
const spanEnds = (text: string, { length, encode, decode }: TokenSpanOptions): number[] => {
  const ids = encode(text);
  const ends: number[] = [];
  let first = 0;
  let at = 0;
  for (let last = length; last < ids.length; last++) {
    const piece = decode(ids.slice(first, last));
    if (piece === '' || !text.startsWith(piece, at)) continue;
    at += piece.length;
    ends.push(at);
    first = last;
    last += length - 1;
  }
  return ends;
};

/**
 * Steps of a fixed number of tokens, for texts without a structure of their own (a span of 1 is DQO's token-level MDP).
 * A generator needs no stop string here but a limit of `length` tokens.
 *
 * @throws RangeError when `length` is not a positive integer
 * @example
 * ```ts
 * import { tokenSpanFormat } from '@svo/mdp';
 * const characters = {
 *   encode: (text: string) => [...text].map((sign) => sign.codePointAt(0)!),
 *   decode: (ids: readonly number[]) => String.fromCodePoint(...ids),
 * };
 * tokenSpanFormat({ length: 4, ...characters }).split('2 + 3 = 5'); // => ['2 + ', '3 = ', '5']
 * ```
 */
export function tokenSpanFormat(options: TokenSpanOptions): StepFormat {
  assertOptions('tokenSpanFormat', options, ['length', 'encode', 'decode', 'wholeBlocks', 'base']);
  const { length, wholeBlocks = true, base = boxedFormat } = options;
  assertCounts('tokenSpanFormat', { length });
  return {
    ...base,
    id: `token-span-${length}`,
    delimiter: '',
    stop: [],
    split: (text) => {
      const blocks = wholeBlocks ? protectedSpans(text) : [];
      return cutAt(
        text,
        spanEnds(text, options).filter((end) => !blocks.some(([start, stop]) => start < end && end < stop)),
      );
    },
    delimiterLength: () => 0,
  };
}
