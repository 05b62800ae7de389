import type { Draw } from '@svo/mdp';
import { assemble, checkTokenizeOptions, type TokenizeOptions } from './assemble.ts';
import type { Example } from './example.ts';
import type { TokenizerLike } from './tokenizer.ts';

/** What a trajectory needs to become an example; a `ValuedTrajectory` is one. */
export interface TokenizableTrajectory {
  readonly prompt: string;
  /** Steps with their delimiters. */
  readonly steps: readonly string[];
  /** c_t [S]. */
  readonly credits: readonly number[];
  /** Whether the last step ends the trajectory; asked of the format when absent. */
  readonly terminal?: boolean;
  /** What was drawn for each step, where it is known. */
  readonly draws?: readonly (Draw | undefined)[];
}

/**
 * A trajectory as token ids and the step each token is scored in: one BOS, the prompt, every step, and one EOS after a terminal
 * step only; a step written with its end of turn (`5<|im_end|>\n`) gets no second one. The first token of all is never scored.
 *
 * A step that was drawn keeps the tokens the model drew, and their log-probs become `behaviorLogps`, one a token and null for every token
 * that was not drawn, absent where no step was.
 *
 * @param options `format` blankLineFormat; `scoreDelimiters` false; `boundaries`
 * @returns an {@link Example}: ids [T], stepIds [T], credits [S]
 * @throws RangeError when credits, draws and steps differ in number, or decoding doesn't give the text back
 * @example
 * ```ts
 * import { tokenizeTrajectory } from '@svo/data';
 * const bytes = { encode: (text: string) => [...Buffer.from(text)], decode: (ids: readonly number[]) => Buffer.from(ids).toString(), padId: 0, eosId: 1 };
 * const row = { prompt: '2+3?\n', steps: ['2+3=5\n\n', 'Final Answer: 5'], credits: [0.5, 0.25] };
 * const example = tokenizeTrajectory(row, bytes);
 * example.stepIds.slice(5, 14); // => [0, 0, 0, 0, 0, -1, -1, 1, 1]
 * example.terminal; // => true
 * example.ids.at(-1); // => 1
 * ```
 */
export function tokenizeTrajectory(
  trajectory: TokenizableTrajectory,
  tokenizer: TokenizerLike,
  options: TokenizeOptions = {},
): Example {
  checkTokenizeOptions('tokenizeTrajectory', options);
  const { prompt, steps, credits, draws, terminal } = trajectory;
  const check = (name: string, length: number): void => {
    if (length === steps.length) return;
    throw new RangeError(
      `tokenizeTrajectory: ${name}.length must be ${steps.length}, one a step, got ${length} (cut steps, credits and draws together)`,
    );
  };
  check('credits', credits.length);
  if (draws) check('draws', draws.length);
  const pieces = steps.map((text, step) => ({ text, step, draw: draws?.[step] }));
  return assemble({ prompt, pieces, credits, terminal }, tokenizer, options);
}
