import type { Draw } from '@svo/mdp';
import { assemble, checkTokenizeOptions, type StepPiece, type TokenizeOptions } from './assemble.ts';
import { endIdsOf, splitEnd } from './ends.ts';
import type { Example } from './example.ts';
import type { TokenizerLike } from './tokenizer.ts';

/** A completion behind its prompt; what `fromTrlRow` gives for prompt-completion, messages and text rows is one. */
export interface TokenizableCompletion {
  readonly prompt: string;
  readonly completion: string;
  /** Which parts of the completion are the assistant's, [start, end) in UTF-16 code units; all of it when absent. */
  readonly scored?: readonly (readonly [start: number, end: number])[];
  /** What was drawn for each step of the completion; used where every one of them is known. */
  readonly draws?: readonly (Draw | undefined)[];
}

/** Context and scored parts in turn. White space behind an end of turn is the template's, not the assistant's. */
const partsOf = (
  text: string,
  spans: readonly (readonly [number, number])[],
  tokenizer: TokenizerLike,
): StepPiece[] => {
  const pieces: StepPiece[] = [];
  let at = 0;
  const cut = (to: number, step: number): void => {
    if (to > at) pieces.push({ text: text.slice(at, to), step });
    at = Math.max(at, to);
  };
  spans.forEach(([start, end], index) => {
    if (!(start >= at && end >= start && end <= text.length)) {
      throw new RangeError(
        `tokenizeCompletion: scored must be parts of the completion in their order, got [${start}, ${end}) at ${index}`,
      );
    }
    cut(start, -1);
    const { bare, end: written } = splitEnd(text.slice(start, end), tokenizer);
    cut(written && end < text.length ? start + bare.length + written.text.length : end, 0);
  });
  cut(text.length, -1);
  return pieces;
};

/** The steps' draws as the completion's one; an end that was drawn between two steps is no part of the text. */
const wholeDraw = (draws: readonly (Draw | undefined)[], tokenizer: TokenizerLike): Draw | undefined => {
  const known = draws.filter((draw) => draw !== undefined);
  if (known.length < draws.length || known.length === 0) return undefined;
  const ends = endIdsOf(tokenizer);
  const whole = known.map(({ tokenIds, logps }, step) => {
    const length = step === known.length - 1 ? tokenIds.length : tokenIds.findLastIndex((id) => !ends.has(id)) + 1;
    return { tokenIds: tokenIds.slice(0, length), logps: logps.slice(0, length) };
  });
  return { tokenIds: whole.flatMap(({ tokenIds }) => tokenIds), logps: whole.flatMap(({ logps }) => logps) };
};

/** A completion as an example of one step, checked options given. */
export const completionExample = (
  { prompt, completion, scored, draws }: TokenizableCompletion,
  tokenizer: TokenizerLike,
  options: TokenizeOptions,
): Example => {
  const pieces =
    scored === undefined
      ? [{ text: completion, step: 0, draw: draws && wholeDraw(draws, tokenizer) }]
      : partsOf(completion, scored, tokenizer);
  return assemble({ prompt, pieces, credits: [0], terminal: true }, tokenizer, { scoreDelimiters: true, ...options });
};

/**
 * A prompt and its completion as tokens, the whole completion (or its `scored` parts) as step 0, EOS included and scored once:
 * a row for supervised training. A text row has an empty prompt; its first token, which nothing predicts, is not scored.
 *
 * @param options `scoreDelimiters` true; `boundaries`; `format`
 * @throws RangeError when decoding doesn't give the text back, or `scored` are not parts of the completion in their order
 * @example
 * ```ts
 * import { tokenizeCompletion } from '@svo/data';
 * const bytes = { encode: (text: string) => [...Buffer.from(text)], decode: (ids: readonly number[]) => Buffer.from(ids).toString(), padId: 0, eosId: 1 };
 * tokenizeCompletion({ prompt: '2+3?', completion: '5' }, bytes).stepIds; // => [-1, -1, -1, -1, 0, 0]
 * tokenizeCompletion({ prompt: 'Q', completion: 'abQcd', scored: [[0, 2], [3, 5]] }, bytes).stepIds; // => [-1, 0, 0, -1, 0, 0, 0]
 * tokenizeCompletion({ prompt: '', completion: 'ab' }, bytes).stepIds; // => [-1, 0, 0]
 * ```
 */
export function tokenizeCompletion(
  row: TokenizableCompletion,
  tokenizer: TokenizerLike,
  options: TokenizeOptions = {},
): Example {
  checkTokenizeOptions('tokenizeCompletion', options);
  return completionExample(row, tokenizer, options);
}
