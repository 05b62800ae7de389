/** The command line of the main job: what may be asked, its defaults, and clear errors for what may not. */
import { parseArgs } from 'node:util';
import { type Objective, objectives } from '@svo/recipes';

export const backends = ['auto', 'tensorflow-gpu', 'tensorflow', 'webgpu', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backends)[number];

export const tasks = ['skipped-steps', 'chains'] as const;
export type TaskName = (typeof tasks)[number];

/** Where values come from: independent draws that share prefixes, or search. */
export const sources = ['draws', 'trees'] as const;
export type Source = (typeof sources)[number];

/** Everything that decides a run. The same options give the same numbers; `backend` may change the last digits. */
export interface Options {
  readonly task: TaskName;
  readonly objectives: readonly Objective[];
  readonly sources: readonly Source[];
  readonly rounds: number;
  /** Questions that a round draws or searches. */
  readonly questions: number;
  /** Whole responses drawn for a question. */
  readonly draws: number;
  /** Leaves that a search expands for a question. */
  readonly iterations: number;
  /** Unseen questions of each evaluation. */
  readonly testQuestions: number;
  readonly seed: number;
  readonly backend: BackendName;
  readonly data: string | undefined;
  readonly model: string | undefined;
  readonly out: string;
  readonly resume: boolean;
}

/** A wrong option: what came, what was expected, and a hint. `main.ts` prints it and exits with 2. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

const specification = {
  task: { type: 'string', default: 'skipped-steps' },
  objective: { type: 'string', default: 'rft,dpo,kto,step-dpo,dvo-response,dvo' },
  from: { type: 'string', default: 'draws,trees' },
  rounds: { type: 'string', default: '1' },
  questions: { type: 'string', default: '500' },
  draws: { type: 'string', default: '64' },
  iterations: { type: 'string', default: '16' },
  'test-questions': { type: 'string', default: '1000' },
  seed: { type: 'string', default: '1' },
  backend: { type: 'string', default: 'auto' },
  data: { type: 'string' },
  model: { type: 'string' },
  out: { type: 'string', default: 'runs/latest' },
  resume: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export const help = `npm start -- [options]

A small language model learns to work sums out step by step from people who skip steps, and then improves itself:
it draws or searches solutions, every step gets a value from how they end, and each objective trains on the same material.

  --task NAME            ${tasks.join(' | ')}  (${specification.task.default})
  --objective A,B,…      of ${objectives.join(', ')}
                         (${specification.objective.default})
  --from A,B             draws: independent solutions; trees: search (MCTS)  (${specification.from.default})
  --rounds N             rounds of material and training, 1 to 20  (${specification.rounds.default})
  --questions N          questions a round  (${specification.questions.default})
  --draws N              solutions drawn for a question  (${specification.draws.default})
  --iterations N         search iterations a question  (${specification.iterations.default}; the DVO paper has 80)
  --test-questions N     unseen questions of each evaluation, at least 20  (${specification['test-questions'].default})
  --seed N               every random choice follows from it  (${specification.seed.default})
  --backend NAME         ${backends.join(' | ')}  (${specification.backend.default})
  --data FILE.jsonl      GSM8K's rows instead of a built-in task: a …train.jsonl, its …test.jsonl beside it
  --model FOLDER         a model to start from (config.json, model.safetensors, tokenizer.json) instead of training a base
  --out DIR              the run folder  (${specification.out.default})
  --resume               continue an interrupted run in --out, to the same numbers bit for bit
  -h, --help             this page
`;

/**
 * Reads the command line.
 *
 * @returns the options, or `'help'` when help was asked for
 * @throws OptionError on an unknown option or a value out of range, naming both
 */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  return {
    task: oneOf('task', values.task, tasks),
    objectives: listOf('objective', values.objective, objectives),
    sources: listOf('from', values.from, sources),
    rounds: integer('rounds', values.rounds, 1, 20),
    questions: integer('questions', values.questions, 1, 100_000),
    draws: integer('draws', values.draws, 2, 1000),
    iterations: integer('iterations', values.iterations, 1, 10_000),
    testQuestions: integer('test-questions', values['test-questions'], 20, 100_000),
    seed: integer('seed', values.seed, 0, 0xffffffff),
    backend: oneOf('backend', values.backend, backends),
    data: values.data,
    model: values.model,
    out: nonEmpty('out', values.out),
    resume: values.resume,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: specification, allowPositionals: false, strict: true }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new OptionError(`${reason}; expected one of the options that --help lists`);
  }
}

function oneOf<T extends string>(name: string, got: string, expected: readonly T[]): T {
  const found = expected.find((value) => value === got);
  if (found === undefined) throw new OptionError(`--${name}: got '${got}', expected one of ${expected.join(', ')}`);
  return found;
}

/** Names separated by commas, each once, in the order given. */
function listOf<T extends string>(name: string, got: string, expected: readonly T[]): readonly T[] {
  return [...new Set(got.split(',').map((one) => oneOf(name, one.trim(), expected)))];
}

function integer(name: string, got: string, low: number, high: number): number {
  const value = /^\d+$/.test(got) ? Number(got) : Number.NaN;
  if (!(value >= low && value <= high))
    throw new OptionError(`--${name}: got '${got}', expected a whole number from ${low} to ${high}`);
  return value;
}

function nonEmpty(name: string, got: string): string {
  if (got.trim() === '') throw new OptionError(`--${name}: got '', expected a folder name`);
  return got;
}
