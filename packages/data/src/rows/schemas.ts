import * as z from 'zod';
import type { Example } from '../examples/example.ts';
import { foundColumns, type KindName, kindColumns, kindOf } from './kinds.ts';
import type {
  DvoRow,
  MessagesRow,
  OreoRow,
  PreferenceRow,
  PromptCompletionRow,
  PromptRow,
  StepDpoRow,
  StepwiseRow,
  TextRow,
  UnpairedRow,
} from './row-types.ts';

const show = (value: unknown): string =>
  value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)).slice(0, 60);

const words = z.string({
  error: ({ input }) => `must be text (of parts [{ type: 'text', text }] join the texts), got ${show(input)}`,
});
const messages = z.array(z.looseObject({ role: z.string(), content: words.nullish() })).min(1);
const text = z.union([z.string(), messages], {
  error: ({ input }) => `must be text or messages [{ role, content }], got ${show(input)}`,
});
const numbers = z.array(z.number());
const draws = z.array(z.object({ token_ids: z.array(z.int().nonnegative()), logps: numbers }).nullable()).optional();
const id = { question_id: z.string().optional() };

/** `column` must hold `expected` numbers where it is there at all. */
const checkLength = (
  context: z.core.$RefinementCtx,
  column: string,
  values: readonly unknown[] | undefined,
  expected: number,
): void => {
  if (values === undefined || values.length === expected) return;
  context.addIssue({
    code: 'custom',
    path: [column],
    message: `must hold ${expected}, got ${values.length}`,
    input: values,
  });
};

const stepwise: z.ZodType<StepwiseRow> = z
  .looseObject({
    prompt: text,
    completions: z.array(z.string()),
    labels: z.array(z.union([z.boolean(), z.number()])),
    values: numbers.optional(),
    q_credits: numbers.optional(),
    visits: numbers.optional(),
    reference_logps: numbers.optional(),
    draws,
    reward: z.number().optional(),
    ...id,
  })
  .superRefine((row, context) => {
    const steps = row.completions.length;
    for (const column of ['labels', 'q_credits', 'visits', 'reference_logps', 'draws'] as const) {
      checkLength(context, column, row[column], steps);
    }
    checkLength(context, 'values', row.values, steps + 1);
  });

const preference: z.ZodType<PreferenceRow> = z.looseObject({
  prompt: text.optional(),
  chosen: text,
  rejected: text,
  kind: z.enum(['sibling', 'cousin', 'terminal']).optional(),
  chosen_prefix: z.array(z.string()).optional(),
  rejected_prefix: z.array(z.string()).optional(),
  chosen_value: z.number().optional(),
  rejected_value: z.number().optional(),
  chosen_draws: draws,
  rejected_draws: draws,
  ...id,
});

const dvo: z.ZodType<DvoRow> = z
  .looseObject({
    prompt: z.string(),
    completions: z.array(z.string()),
    q_credits: numbers,
    acc: z.union([z.boolean(), z.number()]).optional(),
  })
  .superRefine((row, context) => {
    checkLength(context, 'q_credits', row.q_credits, row.completions.length);
  });

const example: z.ZodType<Example> = z
  .strictObject({
    ids: z.array(z.int().nonnegative()),
    stepIds: z.array(z.int().min(-1)),
    credits: numbers,
    terminal: z.boolean(),
    referenceLogps: numbers.optional(),
    behaviorLogps: z.array(z.number().nullable()).optional(),
    droppedSteps: z.int().nonnegative().optional(),
  })
  .superRefine((row, context) => {
    checkLength(context, 'stepIds', row.stepIds, row.ids.length);
    checkLength(context, 'referenceLogps', row.referenceLogps, row.credits.length);
    checkLength(context, 'behaviorLogps', row.behaviorLogps, row.ids.length);
  })
  .transform(({ referenceLogps, behaviorLogps, droppedSteps, ...rest }) => ({
    ...rest,
    ...(referenceLogps && { referenceLogps }),
    ...(behaviorLogps && { behaviorLogps }),
    ...(droppedSteps !== undefined && { droppedSteps }),
  }));

/**
 * zod schemas of every row that is read from disk: TRL's (`stepwise preference unpaired promptCompletion messages text prompt`,
 * keys verbatim, text or messages, our optional columns allowed), `stepDpo dvo oreo`, and our own `example`. Columns they don't
 * know are kept as they are.
 *
 * @example
 * ```ts
 * import { rowSchemas } from '@svo/data';
 * rowSchemas.unpaired.safeParse({ prompt: '2 + 3?', completion: '5', label: true }).success; // => true
 * rowSchemas.unpaired.safeParse({ prompt: '2 + 3?', completion: '5', label: 'yes' }).success; // => false
 * ```
 */
export const rowSchemas: {
  readonly stepwise: z.ZodType<StepwiseRow>;
  readonly preference: z.ZodType<PreferenceRow>;
  readonly unpaired: z.ZodType<UnpairedRow>;
  readonly promptCompletion: z.ZodType<PromptCompletionRow>;
  readonly messages: z.ZodType<MessagesRow>;
  readonly text: z.ZodType<TextRow>;
  readonly prompt: z.ZodType<PromptRow>;
  readonly stepDpo: z.ZodType<StepDpoRow>;
  readonly dvo: z.ZodType<DvoRow>;
  readonly oreo: z.ZodType<OreoRow>;
  readonly example: z.ZodType<Example>;
} = {
  stepwise,
  preference,
  unpaired: z.looseObject({ prompt: text, completion: text, label: z.boolean(), draws, ...id }),
  promptCompletion: z.looseObject({ prompt: text, completion: text, draws, ...id }),
  messages: z.looseObject({ messages, ...id }),
  text: z.looseObject({ text: z.string(), ...id }),
  prompt: z.looseObject({ prompt: text, ...id }),
  stepDpo: z.looseObject({
    prompt: z.string(),
    initial_reason_steps: z.string(),
    chosen: z.string(),
    rejected: z.string(),
  }),
  dvo,
  oreo: z.looseObject({ prompt: z.string(), response: z.string(), reward: z.number() }),
  example,
};

/** What a value fails of its schema, in one line: `path: message; path: message`. */
export const explain = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => `${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`).join('; ');

/** The value, if it fits; else a RangeError that begins with `where`, with the columns of a row and the kinds there are. */
export const parseWith = <Value>(schema: z.ZodType<Value>, value: unknown, where: string): Value => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const kind = rowKinds.get(schema);
  const columns = kind && typeof value === 'object' && value !== null ? `; ${foundColumns(value)}; ${kind}` : '';
  throw new RangeError(`${where}: ${explain(result.error)}${columns}`, { cause: result.error });
};

/** What each kind's rows hold, for the message. */
const rowKinds: ReadonlyMap<unknown, string> = new Map(
  Object.entries(rowSchemas).flatMap(([name, schema]) =>
    name in kindColumns ? [[schema, kindOf(name as KindName)]] : [],
  ),
);
