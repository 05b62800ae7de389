import { blankLineFormat, type StepFormat } from '@svo/mdp';
import type { Example } from './example.ts';
import { encodePieces } from './pieces.ts';
import type { Tokenizer } from './tokenizer.ts';

/** What a trajectory needs to become an example; a `ValuedTrajectory` is one. */
export interface TokenizableTrajectory {
  readonly prompt: string;
  /** Steps with their delimiters. */
  readonly steps: readonly string[];
  /** c_t [S]. */
  readonly credits: readonly number[];
  /** Whether the last step ends the trajectory; asked of the format when absent. */
  readonly terminal?: boolean;
}

/** How text becomes tokens. */
export interface TokenizeOptions {
  /** Knows a step's delimiter and which step is terminal. Default `blankLineFormat`. */
  readonly format?: StepFormat;
  /**
   * Whether a step's trailing delimiter and EOS count in its log-prob. Default false for credits: the DVO authors' code
   * leaves them out, and they carry no choice (every step has them), only a pull on the probability of stopping. True for
   * pairs, as in TRL.
   */
  readonly scoreDelimiters?: boolean;
  /**
   * `'separate'` (default): prompt and steps are encoded one by one, so that tokens and steps have the same boundaries.
   * `'joint'`: the whole text is encoded at once, as a model that is given the text sees it; a token across a boundary
   * counts for the step it begins in. For tokenizers that mark the beginning of a text (SentencePiece), use `'joint'`.
   */
  readonly boundaries?: 'separate' | 'joint';
}

/**
 * A trajectory as token ids and the step each token is scored in: one BOS, the prompt, every step, and EOS after a
 * terminal step only.
 *
 * @returns an {@link Example}: ids [T], stepIds [T], credits [S]
 * @throws RangeError when credits and steps differ in number or decoding doesn't give the text back
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
  tokenizer: Tokenizer,
  options: TokenizeOptions = {},
): Example {
  const { format = blankLineFormat, scoreDelimiters = false, boundaries = 'separate' } = options;
  const { prompt, steps, credits } = trajectory;
  if (credits.length !== steps.length) {
    throw new RangeError(
      `tokenizeTrajectory: credits.length must be ${steps.length}, one a step, got ${credits.length} (cut steps and credits together)`,
    );
  }
  const last = steps.at(-1);
  const terminal = trajectory.terminal ?? (last !== undefined && format.isTerminal(last));
  const bodies = steps.map((step) => (scoreDelimiters ? step.length : step.length - format.delimiterLength(step)));
  const pieces = encodePieces({ prompt, steps, bodies }, tokenizer, boundaries);

  const ids = [...pieces.ids];
  const stepIds = ids.map(() => -1);
  pieces.spans.forEach(([start, end], step) => {
    stepIds.fill(step, start, end);
  });
  if (tokenizer.bosId !== undefined && ids[0] !== tokenizer.bosId) {
    ids.unshift(tokenizer.bosId);
    stepIds.unshift(-1);
  }
  if (terminal && tokenizer.eosId !== undefined) {
    ids.push(tokenizer.eosId);
    stepIds.push(scoreDelimiters ? steps.length - 1 : -1);
  }
  return { ids, stepIds, credits: [...credits], terminal };
}
