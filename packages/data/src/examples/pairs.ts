import { blankLineFormat, type StepPair } from '@svo/mdp';
import type { Example } from './example.ts';
import { type TokenizeOptions, tokenizeTrajectory } from './tokenize.ts';
import type { Tokenizer } from './tokenizer.ts';

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
}

const side = (prompt: string, step: string, tokenizer: Tokenizer, options: TokenizeOptions): Example =>
  tokenizeTrajectory({ prompt, steps: [step], credits: [0] }, tokenizer, { scoreDelimiters: true, ...options });

/**
 * A pair as two examples. Of a step pair each side keeps its own prefix as unscored context, and its step is scored; of a
 * response pair the whole response is. Delimiters and EOS are scored unless `scoreDelimiters` is false, as in TRL's DPO.
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
  tokenizer: Tokenizer,
  options: TokenizeOptions = {},
): PairExample {
  if (typeof pair.chosen === 'string' || typeof pair.rejected === 'string') {
    const { prompt, chosen, rejected } = pair as ResponsePair;
    // A response is whole: it ends its trajectory whatever it says.
    const whole = { ...options, format: { ...(options.format ?? blankLineFormat), isTerminal: () => true } };
    return {
      chosen: side(prompt, chosen, tokenizer, whole),
      rejected: side(prompt, rejected, tokenizer, whole),
      chosenValue: 0,
      rejectedValue: 0,
    };
  }
  const { prompt, chosen, rejected } = pair as StepPair;
  return {
    chosen: side(prompt + chosen.prefix.join(''), chosen.step, tokenizer, options),
    rejected: side(prompt + rejected.prefix.join(''), rejected.step, tokenizer, options),
    chosenValue: chosen.value,
    rejectedValue: rejected.value,
  };
}
