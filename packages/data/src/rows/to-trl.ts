import {
  assertOptions,
  type Draw,
  type PairSide,
  type Step,
  type StepPair,
  type Trajectory,
  type ValuedTrajectory,
} from '@svo/mdp';
import { commonLength } from './conversation.ts';
import type { DrawColumn, Message, PreferenceRow, PromptCompletionRow, StepwiseRow, UnpairedRow } from './row-types.ts';

/** How trajectories and pairs become rows. */
export interface ToTrlOptions {
  /** Which of TRL's rows a trajectory becomes. Default `'stepwise'`; the others are for KTO and for supervised training. */
  readonly as?: 'stepwise' | 'unpaired' | 'prompt-completion';
  /** A step is labelled true when the value after it (the outcome, after the last) is above this: 0, the middle of ±1. */
  readonly threshold?: number;
  /** Prompt and completions as messages of a user and an assistant. Stepwise rows have no such form in TRL. Default false. */
  readonly conversational?: boolean;
}

type Plain = Omit<ToTrlOptions, 'as'>;

const isPair = (value: Trajectory | StepPair): value is StepPair => 'chosen' in value;

const drawColumn = (draws: readonly (Draw | undefined)[]): (DrawColumn | null)[] =>
  draws.map((draw) => (draw ? { token_ids: [...draw.tokenIds], logps: [...draw.logps] } : null));

const stepwiseRow = (trajectory: ValuedTrajectory, threshold: number): StepwiseRow => {
  const { questionId, prompt, steps, values, credits, reward, visits, draws } = trajectory;
  const after = (t: number): number => (t === steps.length - 1 ? reward + values[t + 1]! : values[t + 1]!);
  return {
    prompt,
    completions: [...steps],
    labels: steps.map((_, t) => after(t) > threshold),
    values: [...values],
    q_credits: [...credits],
    ...(visits && { visits: [...visits] }),
    ...(draws && { draws: drawColumn(draws) }),
    reward,
    question_id: questionId,
  };
};

const says = (role: 'user' | 'assistant', content: string): Message[] => [{ role, content }];

const preferenceRow = (
  { questionId, prompt, kind, chosen, rejected }: StepPair,
  conversational: boolean,
): PreferenceRow => {
  // A conversation's prompt ends with the user's turn: what the sides share of the assistant's turn goes to both.
  const shared = conversational ? 0 : commonLength<Step>(chosen.prefix, rejected.prefix);
  const rest = ({ prefix, step }: PairSide): string => [...prefix.slice(shared), step].join('');
  const start = prompt + chosen.prefix.slice(0, shared).join('');
  return {
    prompt: conversational ? says('user', start) : start,
    chosen: conversational ? says('assistant', rest(chosen)) : rest(chosen),
    rejected: conversational ? says('assistant', rest(rejected)) : rest(rejected),
    kind,
    chosen_prefix: [...chosen.prefix],
    rejected_prefix: [...rejected.prefix],
    chosen_value: chosen.value,
    rejected_value: rejected.value,
    ...(chosen.draws && { chosen_draws: drawColumn(chosen.draws) }),
    ...(rejected.draws && { rejected_draws: drawColumn(rejected.draws) }),
    question_id: questionId,
  };
};

/** Prompt and whole response; with a label it is KTO's row. */
const completionRow = (
  { questionId, prompt, steps, reward, draws }: Trajectory,
  { as, threshold = 0, conversational = false }: ToTrlOptions,
): UnpairedRow | PromptCompletionRow => {
  const completion = steps.join('');
  return {
    prompt: conversational ? says('user', prompt) : prompt,
    completion: conversational ? says('assistant', completion) : completion,
    ...(as === 'unpaired' && { label: reward > threshold }),
    ...(draws && { draws: drawColumn(draws) }),
    question_id: questionId,
  };
};

/**
 * A trajectory as TRL's stepwise row `{ prompt, completions, labels }`, unpaired row `{ prompt, completion, label }` or
 * prompt-completion row; a pair as its preference row `{ prompt, chosen, rejected }`. Keys verbatim. Our further columns
 * (`values q_credits visits draws reward question_id`; `kind` and each side's `_prefix _value _draws`) may be: a valid TRL row is left. With them {@link fromTrlRow} gives the same trajectory or pair back.
 *
 * @param options `as` 'stepwise'; `threshold` 0 for boolean labels (TRL's trainer makes integers of labels);
 *   `conversational` false
 * @throws RangeError for a conversational stepwise row, or a stepwise row of a trajectory without values
 * @example
 * ```ts
 * import { toTrlRow } from '@svo/data';
 * const trajectory = { questionId: 'q', prompt: '2+3?\n', steps: ['2+3=5\n\n', 'Final Answer: 5'], reward: 1, values: [0, 0.5, 0], credits: [0.5, 0.5] };
 * toTrlRow(trajectory).labels; // => [true, true]
 * toTrlRow(trajectory, { as: 'unpaired' }).label; // => true
 * ```
 */
export function toTrlRow(trajectory: Trajectory, options: Plain & { readonly as: 'unpaired' }): UnpairedRow;
export function toTrlRow(
  trajectory: Trajectory,
  options: Plain & { readonly as: 'prompt-completion' },
): PromptCompletionRow;
export function toTrlRow(trajectory: ValuedTrajectory, options?: Plain & { readonly as?: 'stepwise' }): StepwiseRow;
export function toTrlRow(pair: StepPair, options?: Plain): PreferenceRow;
export function toTrlRow(
  value: Trajectory | StepPair,
  options: ToTrlOptions = {},
): StepwiseRow | PreferenceRow | UnpairedRow | PromptCompletionRow {
  assertOptions('toTrlRow', options, ['as', 'threshold', 'conversational']);
  if (isPair(value)) return preferenceRow(value, options.conversational ?? false);
  if ((options.as ?? 'stepwise') !== 'stepwise') return completionRow(value, options);
  if (options.conversational) {
    throw new RangeError(
      "toTrlRow: conversational must be false for a stepwise row, got true (TRL has no such form; as: 'unpaired' has one)",
    );
  }
  if (!('values' in value)) {
    throw new RangeError(
      "toTrlRow: a stepwise row needs values and credits, got a trajectory without (as: 'unpaired' needs none)",
    );
  }
  return stepwiseRow(value as ValuedTrajectory, options.threshold ?? 0);
}
