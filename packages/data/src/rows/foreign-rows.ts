import { assertOptions, blankLineFormat, type StepFormat, type StepPair, type Trajectory } from '@svo/mdp';
import { questionIdOf, withSeparator } from './from-trl.ts';
import type { DvoRow, OreoRow, StepDpoRow } from './row-types.ts';
import { parseWith, rowSchemas } from './schemas.ts';

type Row = Readonly<Record<string, unknown>>;

/**
 * A row of Step-DPO (`prompt initial_reason_steps chosen rejected`) as a pair of siblings: the initial steps are the shared
 * prefix. Step-DPO knows no values; they are 1 and −1, which is what "right" and "wrong" are worth here.
 *
 * @throws RangeError naming the column that is missing or wrong, with those found
 * @example
 * ```ts
 * import { fromStepDpoRow } from '@svo/data';
 * const pair = fromStepDpoRow({ prompt: '2+3?', initial_reason_steps: 'Step 1: add.\nStep 2:', chosen: ' It is 5.', rejected: ' It is 6.' });
 * pair.chosen.prefix; // => ['Step 1: add.\nStep 2:']
 * ```
 */
export function fromStepDpoRow(row: StepDpoRow | Row): StepPair {
  const {
    prompt,
    initial_reason_steps: initial,
    chosen,
    rejected,
  } = parseWith(rowSchemas.stepDpo, row, 'fromStepDpoRow: row');
  const prefix = initial === '' ? [] : [initial];
  return {
    questionId: questionIdOf(prompt, undefined),
    prompt,
    kind: 'sibling',
    chosen: { prefix, step: chosen, value: 1 },
    rejected: { prefix, step: rejected, value: -1 },
  };
}

/**
 * A row of DVO's code (`prompt completions q_credits acc`): steps with their credits c_t. Its completions come without their
 * delimiter; `separator` puts it back.
 *
 * @param options `separator` '\n\n'
 * @returns what `tokenizeTrajectory` takes, with the question's id and, if `acc` is there, the outcome reward, ±1
 * @throws RangeError naming the column that is missing or wrong, with those found
 * @example
 * ```ts
 * import { fromDvoRow } from '@svo/data';
 * const row = fromDvoRow({ prompt: '2+3?', completions: ['Add.', 'Final Answer: 5'], q_credits: [0.5, 0.5], acc: true });
 * row.steps; // => ['Add.\n\n', 'Final Answer: 5']
 * row.reward; // => 1
 * ```
 */
export function fromDvoRow(
  row: DvoRow | Row,
  options: { readonly separator?: string } = {},
): Omit<Trajectory, 'reward'> & { readonly credits: readonly number[]; readonly reward?: number } {
  assertOptions('fromDvoRow', options, ['separator']);
  const { prompt, completions, q_credits: credits, acc } = parseWith(rowSchemas.dvo, row, 'fromDvoRow: row');
  return {
    questionId: questionIdOf(prompt, undefined),
    prompt,
    steps: withSeparator(completions, options.separator ?? '\n\n'),
    credits,
    ...(acc !== undefined && { reward: Number(acc) > 0 ? 1 : -1 }),
  };
}

/**
 * A row of OREO's code (`prompt response reward`) as a trajectory. Its rewards are 0 and 1; as there (`rew_mul` 2,
 * `rew_add` −1) they become −1 and 1.
 *
 * @param options `format` cuts the response, `blankLineFormat` by default; reward = `scale`·r + `offset`, 2 and −1
 * @throws RangeError naming the column that is missing or wrong, with those found
 * @example
 * ```ts
 * import { fromOreoRow } from '@svo/data';
 * fromOreoRow({ prompt: '2+3?', response: 'Add.\n\nFinal Answer: 5', reward: 1 }).steps; // => ['Add.\n\n', 'Final Answer: 5']
 * fromOreoRow({ prompt: '2+3?', response: 'Six.', reward: 0 }).reward; // => -1
 * ```
 */
export function fromOreoRow(
  row: OreoRow | Row,
  options: { readonly format?: StepFormat; readonly scale?: number; readonly offset?: number } = {},
): Trajectory {
  assertOptions('fromOreoRow', options, ['format', 'scale', 'offset']);
  const { format = blankLineFormat, scale = 2, offset = -1 } = options;
  const { prompt, response, reward } = parseWith(rowSchemas.oreo, row, 'fromOreoRow: row');
  return {
    questionId: questionIdOf(prompt, undefined),
    prompt,
    steps: format.split(response),
    reward: scale * reward + offset,
  };
}
