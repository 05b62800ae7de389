import { z } from 'zod';
import type { Example } from '../examples/example.ts';
import type {
  DvoRow,
  OreoRow,
  PreferenceRow,
  PromptCompletionRow,
  PromptRow,
  StepDpoRow,
  StepwiseRow,
  UnpairedRow,
} from './row-types.ts';

const text = z.union([z.string(), z.array(z.looseObject({ role: z.string(), content: z.string() })).min(1)]);
const numbers = z.array(z.number());
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
    reward: z.number().optional(),
    ...id,
  })
  .superRefine((row, context) => {
    const steps = row.completions.length;
    for (const column of ['labels', 'q_credits', 'visits', 'reference_logps'] as const) {
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
  })
  .superRefine((row, context) => {
    checkLength(context, 'stepIds', row.stepIds, row.ids.length);
    checkLength(context, 'referenceLogps', row.referenceLogps, row.credits.length);
  })
  .transform(({ referenceLogps, ...rest }) => (referenceLogps === undefined ? rest : { ...rest, referenceLogps }));

/**
 * zod schemas of every row that is read from disk: TRL's five (`stepwise preference unpaired promptCompletion prompt`, keys
 * verbatim, text or messages, our optional columns allowed), `stepDpo dvo oreo`, and our own `example`. Columns they don't
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
  readonly prompt: z.ZodType<PromptRow>;
  readonly stepDpo: z.ZodType<StepDpoRow>;
  readonly dvo: z.ZodType<DvoRow>;
  readonly oreo: z.ZodType<OreoRow>;
  readonly example: z.ZodType<Example>;
} = {
  stepwise,
  preference,
  unpaired: z.looseObject({ prompt: text, completion: text, label: z.boolean(), ...id }),
  promptCompletion: z.looseObject({ prompt: text, completion: text, ...id }),
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

/** The value, if it fits; else a RangeError that begins with `where`. */
export const parseWith = <Value>(schema: z.ZodType<Value>, value: unknown, where: string): Value => {
  const result = schema.safeParse(value);
  if (!result.success) throw new RangeError(`${where}: ${explain(result.error)}`, { cause: result.error });
  return result.data;
};
