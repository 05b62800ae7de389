import { contentHash, type Step, type StepPair } from '@svo/mdp';
import { commonLength, completionOf, extractPrompt, type RenderMessages, textOf } from './conversation.ts';
import type { PreferenceRow, StepwiseRow } from './row-types.ts';
import { parseWith, rowSchemas } from './schemas.ts';

/** How rows become trajectories and pairs. */
export interface FromTrlOptions {
  /** A chat template, for conversational rows with more than one message. */
  readonly render?: RenderMessages;
  /** Put after each step that doesn't end with it, the last one aside. Default none: completions are taken as they are. */
  readonly separator?: string;
}

/** What a TRL row holds, in this package's words. The optional fields are there when the row has our columns. */
export type TrlContent =
  | {
      readonly type: 'stepwise';
      readonly questionId: string;
      readonly prompt: string;
      readonly steps: readonly Step[];
      readonly labels: readonly (boolean | number)[];
      readonly reward?: number;
      readonly values?: readonly number[];
      readonly credits?: readonly number[];
      readonly visits?: readonly number[];
      readonly referenceLogps?: readonly number[];
    }
  | {
      readonly type: 'preference';
      readonly questionId: string;
      readonly prompt: string;
      readonly chosen: string;
      readonly rejected: string;
      readonly pair?: StepPair;
    }
  | {
      readonly type: 'unpaired';
      readonly questionId: string;
      readonly prompt: string;
      readonly completion: string;
      readonly label: boolean;
    }
  | {
      readonly type: 'prompt-completion';
      readonly questionId: string;
      readonly prompt: string;
      readonly completion: string;
    }
  | { readonly type: 'prompt'; readonly questionId: string; readonly prompt: string };

/** The id of a question that has none: the hash of its prompt. */
export const questionIdOf = (prompt: string, id: string | undefined): string =>
  id ?? contentHash({ prompt }).slice(0, 16);

/** Steps with the separator behind all but the last. */
export const withSeparator = (steps: readonly string[], separator = ''): string[] =>
  steps.map((step, t) => (t === steps.length - 1 || step.endsWith(separator) ? step : step + separator));

const fromStepwise = (row: StepwiseRow, options: FromTrlOptions): TrlContent => {
  const prompt = textOf(row.prompt, options.render);
  const { reward, values, q_credits: credits, visits, reference_logps: referenceLogps } = row;
  return {
    type: 'stepwise',
    questionId: questionIdOf(prompt, row.question_id),
    prompt,
    steps: withSeparator(row.completions, options.separator),
    labels: row.labels,
    ...(reward !== undefined && { reward }),
    ...(values && { values }),
    ...(credits && { credits }),
    ...(visits && { visits }),
    ...(referenceLogps && { referenceLogps }),
  };
};

const fromPreference = (row: PreferenceRow, options: FromTrlOptions): TrlContent => {
  const parts = row.prompt === undefined ? extractPrompt(row.chosen, row.rejected) : { ...row, prompt: row.prompt };
  const prompt = textOf(parts.prompt, options.render);
  const [chosen, rejected] = [completionOf(parts.chosen), completionOf(parts.rejected)];
  const { kind, chosen_prefix, rejected_prefix, chosen_value, rejected_value } = row;
  const questionId = questionIdOf(prompt, row.question_id);
  const base = { type: 'preference', questionId, prompt, chosen, rejected } as const;
  if (!kind || !chosen_prefix || !rejected_prefix || chosen_value === undefined || rejected_value === undefined)
    return base;
  // In a conversation both sides hold the whole turn, what they share included (see `preferenceRow`).
  const shared = typeof row.chosen === 'string' ? commonLength<Step>(chosen_prefix, rejected_prefix) : 0;
  const sharedText = chosen_prefix.slice(0, shared).join('');
  const stepOf = (text: string, prefix: readonly Step[]): Step => text.slice(prefix.slice(shared).join('').length);
  const pair: StepPair = {
    questionId,
    prompt: prompt.slice(0, prompt.length - sharedText.length),
    kind,
    chosen: { prefix: chosen_prefix, step: stepOf(chosen, chosen_prefix), value: chosen_value },
    rejected: { prefix: rejected_prefix, step: stepOf(rejected, rejected_prefix), value: rejected_value },
  };
  return { ...base, pair };
};

/**
 * Reads any of TRL's rows, told apart by their keys: stepwise, preference (with or without `prompt`), unpaired,
 * prompt-completion, prompt-only; text or conversational.
 *
 * @param options `render`, a chat template for conversations of several messages; `separator` between steps, none by default
 * @throws RangeError naming the column when the row is none of them
 * @example
 * ```ts
 * import { fromTrlRow } from '@svo/data';
 * const row = fromTrlRow({ prompt: [{ role: 'user', content: '2+3?' }], chosen: '5', rejected: '6' });
 * row.type; // => 'preference'
 * row.prompt; // => '2+3?'
 * ```
 */
export function fromTrlRow(row: object, options: FromTrlOptions = {}): TrlContent {
  const where = 'fromTrlRow: row';
  if ('completions' in row) return fromStepwise(parseWith(rowSchemas.stepwise, row, where), options);
  if ('chosen' in row || 'rejected' in row)
    return fromPreference(parseWith(rowSchemas.preference, row, where), options);
  if ('label' in row) {
    const unpaired = parseWith(rowSchemas.unpaired, row, where);
    const prompt = textOf(unpaired.prompt, options.render);
    const completion = completionOf(unpaired.completion);
    return {
      type: 'unpaired',
      questionId: questionIdOf(prompt, unpaired.question_id),
      prompt,
      completion,
      label: unpaired.label,
    };
  }
  const schema = 'completion' in row ? rowSchemas.promptCompletion : rowSchemas.prompt;
  const rest = parseWith(schema, row, where);
  const prompt = textOf(rest.prompt, options.render);
  const questionId = questionIdOf(prompt, rest.question_id);
  if (!('completion' in rest)) return { type: 'prompt', questionId, prompt };
  return { type: 'prompt-completion', questionId, prompt, completion: completionOf(rest.completion as string) };
}
