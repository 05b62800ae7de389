import { assertOptions, contentHash, type Draw, type PairSide, type Step, type StepPair } from '@svo/mdp';
import {
  commonLength,
  promptText,
  type Rendered,
  type RenderMarked,
  type RenderMessages,
  renderedTurns,
  type Spans,
  same,
  type Template,
} from './conversation.ts';
import { type TrlKind, trlKindOf } from './kinds.ts';
import type { DrawColumn, Message, PreferenceRow, StepwiseRow, TextOrMessages } from './row-types.ts';
import { parseWith, rowSchemas } from './schemas.ts';
import { openingTurns, sharedText, splitSides } from './shared-prompt.ts';

/** How rows become trajectories and pairs. */
export interface FromTrlOptions {
  /**
   * The chat template, for rows that hold conversations. Given as `renderChat`, what the template marks as the assistant's is
   * scored, as TRL's `assistant_only_loss` does.
   */
  readonly render?: RenderMessages | RenderMarked;
  /** Put after each step that doesn't end with it, the last one aside. Default none: completions are taken as they are. */
  readonly separator?: string;
}

/** What every kind of row has. */
interface Identified {
  readonly questionId: string;
  readonly prompt: string;
}

/**
 * What a TRL row holds, in this package's words. The optional fields are there when the row has our columns; `scored` where a
 * completion has turns that the assistant didn't write, which then aren't learned.
 */
export type TrlContent =
  | (Identified & {
      readonly type: 'stepwise';
      readonly steps: readonly Step[];
      readonly labels: readonly (boolean | number)[];
      readonly reward?: number;
      readonly values?: readonly number[];
      readonly credits?: readonly number[];
      readonly visits?: readonly number[];
      readonly referenceLogps?: readonly number[];
      readonly draws?: readonly (Draw | undefined)[];
    })
  | (Identified & {
      readonly type: 'preference';
      readonly chosen: string;
      readonly rejected: string;
      readonly scored?: { readonly chosen?: Spans; readonly rejected?: Spans };
      readonly pair?: StepPair;
    })
  | (Identified & {
      readonly type: 'unpaired';
      readonly completion: string;
      readonly scored?: Spans;
      readonly draws?: readonly (Draw | undefined)[];
      readonly label: boolean;
    })
  | (Identified & {
      /** `messages`: what comes before the assistant's first turn is the prompt; `text`: the prompt is empty. */
      readonly type: 'prompt-completion' | 'messages' | 'text';
      readonly completion: string;
      readonly scored?: Spans;
      readonly draws?: readonly (Draw | undefined)[];
    })
  | (Identified & { readonly type: 'prompt' });

/** The id of a question that has none: the hash of its prompt. */
export const questionIdOf = (prompt: string, id: string | undefined): string =>
  id ?? contentHash({ prompt }).slice(0, 16);

/** Steps with the separator behind all but the last. */
export const withSeparator = (steps: readonly string[], separator = ''): string[] =>
  steps.map((step, t) => (t === steps.length - 1 || step.endsWith(separator) ? step : step + separator));

const drawsOf = (column: readonly (DrawColumn | null)[]): (Draw | undefined)[] =>
  column.map((draw) => (draw === null ? undefined : { tokenIds: draw.token_ids, logps: draw.logps }));

const fromStepwise = (row: StepwiseRow, template: Template, separator: string | undefined): TrlContent => {
  const prompt = promptText(row.prompt, template);
  const { reward, values, q_credits: credits, visits, reference_logps: referenceLogps, draws } = row;
  return {
    type: 'stepwise',
    questionId: questionIdOf(prompt, row.question_id),
    prompt,
    steps: withSeparator(row.completions, separator),
    labels: row.labels,
    ...(reward !== undefined && { reward }),
    ...(values && { values }),
    ...(credits && { credits }),
    ...(visits && { visits }),
    ...(referenceLogps && { referenceLogps }),
    ...(draws && { draws: drawsOf(draws) }),
  };
};

/** A prompt and what answers it, as text: the answers are all text or all messages. */
const renderedSides = (
  prompt: TextOrMessages | undefined,
  sides: readonly TextOrMessages[],
  template: Template,
): { readonly prompt: string; readonly sides: readonly Rendered[] } => {
  const texts = sides.filter((side) => typeof side === 'string');
  if (texts.length === sides.length) {
    const text = prompt === undefined ? sharedText(texts[0]!, texts[1]!) : promptText(prompt, template);
    const cut = prompt === undefined ? text.length : 0;
    return { prompt: text, sides: texts.map((side) => ({ prompt: text, text: side.slice(cut) })) };
  }
  if (texts.length > 0) throw new RangeError('fromTrlRow: chosen and rejected must both be text or both be messages');
  const { before, turns } = splitSides(prompt, sides as readonly (readonly Message[])[]);
  const rendered = turns.map((side) => renderedTurns(before, side, template));
  const [one, other] = rendered;
  if (other !== undefined && one!.text === other.text && !same(turns[0], turns[1])) {
    throw new RangeError(
      'fromTrlRow: the template renders chosen and rejected alike although they differ (it leaves out what they differ in)',
    );
  }
  if (other !== undefined && one!.prompt !== other.prompt)
    throw new RangeError(
      'fromTrlRow: the template must open both sides alike (what it marks begins at different places)',
    );
  return { prompt: one!.prompt, sides: rendered };
};

const fromPreference = (row: PreferenceRow, template: Template): TrlContent => {
  const { prompt, sides } = renderedSides(row.prompt, [row.chosen, row.rejected], template);
  const [chosen, rejected] = sides as [Rendered, Rendered];
  const questionId = questionIdOf(prompt, row.question_id);
  const base = {
    ...({ type: 'preference', questionId, prompt, chosen: chosen.text, rejected: rejected.text } as const),
    ...((chosen.scored ?? rejected.scored) && {
      scored: {
        ...(chosen.scored && { chosen: chosen.scored }),
        ...(rejected.scored && { rejected: rejected.scored }),
      },
    }),
  };
  const { kind, chosen_prefix, rejected_prefix, chosen_value, rejected_value } = row;
  if (!kind || !chosen_prefix || !rejected_prefix || chosen_value === undefined || rejected_value === undefined)
    return base;
  // In a conversation both sides hold the whole turn, what they share included (see `preferenceRow`). A step is its message's
  // content: the template's end of turn stands behind whole answers only.
  const conversational = typeof row.chosen !== 'string';
  const shared = conversational ? 0 : commonLength<Step>(chosen_prefix, rejected_prefix);
  const sharedPrefix = chosen_prefix.slice(0, shared).join('');
  const side = (name: 'chosen' | 'rejected', prefix: readonly Step[], value: number): PairSide => {
    const given = row[name];
    const text =
      typeof given === 'string' ? given.slice(row.prompt === undefined ? prompt.length : 0) : given[0]!.content;
    const own = prefix.slice(shared).join('');
    if (!text?.startsWith(own)) {
      throw new RangeError(
        `fromTrlRow: ${name} must begin with ${name}_prefix, got ${JSON.stringify(text?.slice(0, 60))}`,
      );
    }
    const draws = row[`${name}_draws`];
    return { prefix, step: text.slice(own.length), value, ...(draws && { draws: drawsOf(draws) }) };
  };
  const pair: StepPair = {
    questionId,
    prompt: prompt.slice(0, prompt.length - sharedPrefix.length),
    kind,
    chosen: side('chosen', chosen_prefix, chosen_value),
    rejected: side('rejected', rejected_prefix, rejected_value),
  };
  return { ...base, pair };
};

const withoutNulls = (row: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && value !== undefined));

const parsedTools = (tools: string): unknown => {
  try {
    return JSON.parse(tools);
  } catch (cause) {
    const message = `fromTrlRow: tools must be a list or its JSON, got ${JSON.stringify(tools.slice(0, 60))}`;
    throw new RangeError(message, { cause });
  }
};

/** What a row gives its template beside the messages, as in TRL. */
const variablesOf = ({ tools, chat_template_kwargs: further }: Record<string, unknown>): Record<string, unknown> => {
  const list: unknown = typeof tools === 'string' ? parsedTools(tools) : tools;
  return { ...(Array.isArray(list) && list.length > 0 && { tools: list }), ...(further as object | undefined) };
};

/** A completion behind its prompt: unpaired, prompt-completion, messages and text rows. */
const fromCompletion = (row: object, kind: TrlKind, template: Template): TrlContent => {
  const where = 'fromTrlRow: row';
  if (kind === 'text') {
    const { text, question_id } = parseWith(rowSchemas.text, row, where);
    return { type: 'text', questionId: questionIdOf(text, question_id), prompt: '', completion: text };
  }
  if (kind === 'messages') {
    const { messages, question_id } = parseWith(rowSchemas.messages, row, where);
    const before = messages.slice(0, openingTurns(messages));
    const { prompt, text: completion, scored } = renderedTurns(before, messages.slice(before.length), template);
    const questionId = questionIdOf(prompt, question_id);
    return { type: 'messages', questionId, prompt, completion, ...(scored && { scored }) };
  }
  const parsed = parseWith(kind === 'unpaired' ? rowSchemas.unpaired : rowSchemas.promptCompletion, row, where);
  const { prompt, sides } = renderedSides(parsed.prompt, [parsed.completion], template);
  const { text: completion, scored } = sides[0]!;
  const questionId = questionIdOf(prompt, parsed.question_id);
  const { draws } = parsed;
  const content = {
    ...{ questionId, prompt, completion },
    ...(scored && { scored }),
    ...(draws && { draws: drawsOf(draws) }),
  };
  if ('label' in parsed) return { type: 'unpaired', ...content, label: (parsed as { label: boolean }).label };
  return { type: 'prompt-completion', ...content };
};

/**
 * Reads any of TRL's rows, told apart by their columns: stepwise, preference (with or without `prompt`), unpaired,
 * prompt-completion, messages, text, prompt-only; columns that are null are absent.
 *
 * Conversations are rendered by the chat template `render`: the prompt with the assistant's turn opened, the answer as the
 * template writes it behind that, its end of turn included. Sides may be whole conversations (beside a text `prompt` or none):
 * the turns they share are the prompt. Of a completion with turns of others, `scored` says which parts are the assistant's: what
 * the template marks (`{% generation %}`) where `render` is `renderChat`, else the difference between the conversation before each turn
 * and with it. `tools` and `chat_template_kwargs` go to the template.
 *
 * @param options `render`, needed for conversations; `separator` between steps, none by default
 * @throws RangeError with the columns found and the kinds known when the row is none of them; for a conversation without
 *   `render`; where the template leaves out tool calls, renders both sides alike, or doesn't keep earlier turns as they were
 * @example
 * ```ts
 * import { fromTrlRow } from '@svo/data';
 * const render = (messages: readonly { role: string; content?: string | null }[], { addGenerationPrompt = true } = {}) =>
 *   messages.map(({ role, content }) => `<${role}>${content}</>`).join('') + (addGenerationPrompt ? '<assistant>' : '');
 * const [question, yes, no] = [{ role: 'user', content: '2+3?' }, { role: 'assistant', content: '5' }, { role: 'assistant', content: '6' }];
 * const row = fromTrlRow({ chosen: [question, yes], rejected: [question, no] }, { render });
 * row.prompt; // => '<user>2+3?</><assistant>'
 * row.type === 'preference' && row.chosen; // => '5</>'
 * ```
 */
export function fromTrlRow(row: object, options: FromTrlOptions = {}): TrlContent {
  assertOptions('fromTrlRow', options, ['render', 'separator']);
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    throw new RangeError(`fromTrlRow: row must be a record { … }, got ${JSON.stringify(row)?.slice(0, 40)}`);
  const present = withoutNulls(row);
  const kind = trlKindOf(present);
  const template = { render: options.render, variables: variablesOf(present) };
  const where = 'fromTrlRow: row';
  if (kind === 'stepwise') {
    return fromStepwise(parseWith(rowSchemas.stepwise, present, where), template, options.separator);
  }
  if (kind === 'preference') return fromPreference(parseWith(rowSchemas.preference, present, where), template);
  if (kind !== 'prompt') return fromCompletion(present, kind, template);
  const { prompt: given, question_id } = parseWith(rowSchemas.prompt, present, where);
  const prompt = promptText(given, template);
  return { type: 'prompt', questionId: questionIdOf(prompt, question_id), prompt };
}
