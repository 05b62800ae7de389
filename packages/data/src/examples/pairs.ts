import type { PairSide, StepPair } from '@svo/mdp';
import { assemble, checkTokenizeOptions, type TokenizeOptions } from './assemble.ts';
import { completionExample, type TokenizableCompletion } from './completions.ts';
import type { Example } from './example.ts';
import type { TokenizerLike } from './tokenizer.ts';

/** Two continuations as examples, the better one first; only the step that is compared is scored, as step 0. */
export interface PairExample {
  readonly chosen: Example;
  readonly rejected: Example;
  /** V after each side's step (SVPO's value margin); 0 when not known. */
  readonly chosenValue: number;
  readonly rejectedValue: number;
}

/** A whole-response preference, as in TRL's `{ prompt, chosen, rejected }`. */
export interface ResponsePair {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
  /** Which parts of each side are the assistant's, as in `TokenizableCompletion`. */
  readonly scored?: {
    readonly chosen?: TokenizableCompletion['scored'];
    readonly rejected?: TokenizableCompletion['scored'];
  };
  /** What was drawn for the steps of each side, as in `TokenizableCompletion`. */
  readonly draws?: {
    readonly chosen?: TokenizableCompletion['draws'];
    readonly rejected?: TokenizableCompletion['draws'];
  };
}

/** A step behind its prefix. A prefix that was drawn keeps its tokens; else prompt and prefix are one text. */
const sideExample = (
  prompt: string,
  { prefix, step, draws }: PairSide,
  tokenizer: TokenizerLike,
  options: TokenizeOptions,
): Example => {
  if (draws && draws.length !== prefix.length + 1) {
    throw new RangeError(
      `tokenizePair: draws.length must be ${prefix.length + 1}, one a step of the prefix and one for the step, got ${draws.length}`,
    );
  }
  const drawn = draws?.slice(0, -1).some((draw) => draw) ?? false;
  const context = drawn ? prefix.map((text, at) => ({ text, step: -1, draw: draws?.[at] })) : [];
  const parts = {
    prompt: drawn ? prompt : prompt + prefix.join(''),
    pieces: [...context, { text: step, step: 0, draw: draws?.at(-1) }],
    credits: [0],
  };
  return assemble(parts, tokenizer, { scoreDelimiters: true, ...options });
};

/**
 * A pair as two examples. Of a step pair each side keeps its own prefix as unscored context, and its step is scored; of a
 * response pair the whole response is, or its `scored` parts. Delimiters and one EOS are scored unless `scoreDelimiters` is
 * false, as in TRL's DPO. What was drawn for a side (`draws`) keeps its tokens and gives `behaviorLogps`.
 *
 * @throws RangeError when decoding doesn't give the text back
 * @example
 * ```ts
 * import { tokenizePair } from '@svo/data';
 * const bytes = { encode: (text: string) => [...Buffer.from(text)], decode: (ids: readonly number[]) => Buffer.from(ids).toString(), padId: 0 };
 * const pair = tokenizePair({ prompt: '2+3?', chosen: '5', rejected: '23' }, bytes);
 * pair.rejected.stepIds; // => [-1, -1, -1, -1, 0, 0]
 * ```
 */
export function tokenizePair(
  pair: StepPair | ResponsePair,
  tokenizer: TokenizerLike,
  options: TokenizeOptions = {},
): PairExample {
  checkTokenizeOptions('tokenizePair', options);
  const values = { chosenValue: 0, rejectedValue: 0 };
  if (typeof pair.chosen === 'string' || typeof pair.rejected === 'string') {
    const { prompt, scored, draws } = pair as ResponsePair;
    // A response is whole: it ends its trajectory whatever it says.
    const whole = (side: 'chosen' | 'rejected'): Example => {
      const parts = { scored: scored?.[side], draws: draws?.[side] };
      const known = Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined));
      return completionExample({ prompt, completion: (pair as ResponsePair)[side], ...known }, tokenizer, options);
    };
    return { ...values, chosen: whole('chosen'), rejected: whole('rejected') };
  }
  const { prompt, chosen, rejected } = pair as StepPair;
  return {
    chosen: sideExample(prompt, chosen, tokenizer, options),
    rejected: sideExample(prompt, rejected, tokenizer, options),
    chosenValue: chosen.value,
    rejectedValue: rejected.value,
  };
}
