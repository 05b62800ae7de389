/** The command line of the main job: what may be asked, its defaults, and clear errors for what may not. */
import { parseArgs } from 'node:util';

export const objectives = ['dvo', 'dpo', 'step-dpo', 'kto', 'svpo', 'dqo', 'rft'] as const;
export type Objective = (typeof objectives)[number];

export const backends = ['auto', 'tensorflow-gpu', 'tensorflow', 'webgpu', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backends)[number];

/** Everything that decides a run. The same options give the same numbers; `backend` may change the last digits. */
export interface Options {
  readonly objective: Objective;
  readonly rounds: number;
  /** Training questions searched in each round. */
  readonly questions: number;
  /** Unseen questions each evaluation answers. */
  readonly testQuestions: number;
  readonly iterations: number;
  readonly seed: number;
  readonly backend: BackendName;
  readonly data: string | undefined;
  readonly out: string;
  readonly resume: boolean;
}

/** A wrong option: what came, what was expected, and a hint. `main.ts` prints it and exits with 2. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

const specification = {
  objective: { type: 'string', default: 'dvo' },
  rounds: { type: 'string', default: '3' },
  questions: { type: 'string', default: '1600' },
  'test-questions': { type: 'string', default: '500' },
  iterations: { type: 'string', default: '16' },
  seed: { type: 'string', default: '1' },
  backend: { type: 'string', default: 'auto' },
  data: { type: 'string' },
  out: { type: 'string', default: 'runs/latest' },
  resume: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export const help = `npm start -- [options]

Trains a small language model on step-by-step arithmetic, then lets it improve itself:
search (MCTS) → step values → training → evaluation, round after round.

  --objective NAME       ${objectives.join(' | ')}  (dvo)
  --rounds N             rounds of search and training, 1 to 20  (3)
  --questions N          training questions searched a round  (${specification.questions.default})
  --test-questions N     unseen questions of each evaluation, at least 20  (500)
  --iterations N         search iterations a question  (16; the DVO paper has 80, five minutes have not)
  --seed N               every random choice follows from it  (1)
  --backend NAME         ${backends.join(' | ')}  (auto)
  --data FILE.jsonl      GSM8K's rows instead of the built-in task: a …train.jsonl, its …test.jsonl beside it
  --out DIR              the run folder  (runs/latest)
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
    objective: oneOf('objective', values.objective, objectives),
    rounds: integer('rounds', values.rounds, 1, 20),
    questions: integer('questions', values.questions, 1, 100_000),
    testQuestions: integer('test-questions', values['test-questions'], 20, 100_000),
    iterations: integer('iterations', values.iterations, 1, 10_000),
    seed: integer('seed', values.seed, 0, 0xffffffff),
    backend: oneOf('backend', values.backend, backends),
    data: values.data,
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
