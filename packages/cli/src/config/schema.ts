import { z } from 'zod';
import type { SvoConfig } from './config.ts';

const text = z.string().min(1, 'must not be empty');
const count = z.int('must be a whole number').min(1, 'must be at least 1');
const positive = z.number('must be a number').positive('must be above 0');
const notNegative = z.number('must be a number').min(0, 'must not be below 0');
const paths = z.union([text, z.array(text).min(1)], 'must be a path or a list of paths');
const oneOf = <const Names extends readonly string[]>(...names: Names) =>
  z.enum(names, `must be one of ${names.join(', ')}`);

const columns = z.strictObject({
  id: text.optional(),
  prompt: text.optional(),
  answer: text.optional(),
  response: text.optional(),
});
const prompt = z.strictObject({
  template: text.includes('{question}', 'must hold {question} where the question stands').optional(),
  system: text.optional(),
  chat: z.union([z.literal('auto'), z.boolean()], "must be 'auto', true or false").optional(),
});
const train = z.strictObject({
  beta: notNegative.optional(),
  learningRate: positive.optional(),
  batchSize: count.optional(),
  updates: count.optional(),
  epochs: positive.optional(),
  maxLength: count.optional(),
  sftWeight: notNegative.optional(),
  lora: z
    .strictObject({ rank: count, alpha: positive.optional(), targets: z.array(text).min(1).optional() })
    .optional(),
  checkpointEvery: count.optional(),
  loss: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).optional(),
});
const search = z.strictObject({
  from: oneOf('trees', 'draws').optional(),
  questions: count.optional(),
  iterations: count.optional(),
  breadth: count.optional(),
  depth: count.optional(),
  draws: z.int('must be a whole number').min(2, 'must be at least 2').optional(),
  temperature: positive.optional(),
  stepTokens: count.optional(),
});
const evaluation = z.strictObject({
  questions: count.optional(),
  samples: count.optional(),
  temperature: notNegative.optional(),
  maxTokens: count.optional(),
  beam: count.optional(),
  breadth: count.optional(),
  depth: count.optional(),
  stepTokens: count.optional(),
});
const server = z.strictObject({
  name: text.optional(),
  keyFrom: z
    .string()
    .regex(/^[A-Za-z_]\w*$/, 'must be the name of an environment variable (never the key itself)')
    .optional(),
  endpoint: oneOf('completions', 'chat').optional(),
  logps: oneOf('required', 'optional', 'none').optional(),
  tokenizer: text.optional(),
  concurrency: count.optional(),
  timeoutS: positive.optional(),
});
const seconds = positive.max(86_400, 'must be at most a day (86400)');
const serve = z.strictObject({
  host: text.optional(),
  workers: count.max(256, 'must be at most 256').optional(),
  timeLimitS: seconds.optional(),
  memoryMb: z.int('must be a whole number').min(16, 'must be at least 16').optional(),
  bodyMb: positive.max(256, 'must be at most 256').optional(),
  rows: count.optional(),
  queue: count.optional(),
  requestS: seconds.optional(),
  transferS: seconds.optional(),
});

/** What a configuration must be. */
const schema = z.strictObject({
  model: text.optional(),
  policy: text.optional(),
  data: paths.optional(),
  test: paths.optional(),
  task: text.optional(),
  columns: columns.optional(),
  prompt: prompt.optional(),
  format: oneOf('blank-line', 'boxed', 'gsm8k').optional(),
  value: text.optional(),
  verifier: text.optional(),
  objective: text.optional(),
  out: text.optional(),
  seed: z.int('must be a whole number').min(0, 'must not be below 0').max(0xffffffff, 'must be below 2^32').optional(),
  backend: oneOf('auto', 'tensorflow-gpu', 'tensorflow', 'webgpu', 'wasm', 'cpu').optional(),
  threads: count.optional(),
  rounds: count.optional(),
  train: train.optional(),
  search: search.optional(),
  eval: evaluation.optional(),
  server: server.optional(),
  serve: serve.optional(),
});

/** The configuration, or what is wrong with it. */
export function readConfig(given: unknown): {
  readonly config?: SvoConfig;
  readonly issues: readonly z.core.$ZodIssue[];
} {
  const { success, data, error } = schema.safeParse(given);
  return success ? { config: data as SvoConfig, issues: [] } : { issues: error.issues };
}

/** The keys that are known in a section (`''` is the whole), for who mistyped one. */
export const knownKeys: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(schema.shape),
  columns: Object.keys(columns.shape),
  prompt: Object.keys(prompt.shape),
  train: Object.keys(train.shape),
  'train.lora': ['rank', 'alpha', 'targets'],
  search: Object.keys(search.shape),
  eval: Object.keys(evaluation.shape),
  server: Object.keys(server.shape),
  serve: Object.keys(serve.shape),
};
