/** The command line of the study. */
import { parseArgs } from 'node:util';
import { OptionError } from '../options.ts';
import type { Method, Sizes } from './cell.ts';
import { methods, parts, type Seeds } from './parts.ts';
import { type Variant, variants } from './variants.ts';

/** What `--methods` chooses from. */
const known: readonly Exclude<Method, 'base'>[] = [...new Set([...methods, ...(Object.keys(variants) as Variant[])])];

export interface StudyOptions {
  readonly parts: readonly string[];
  /** Cells of other methods are left for later; a base always belongs. */
  readonly methods: readonly Method[];
  readonly seeds: Seeds;
  readonly workers: number;
  /** Sizes other than the parts' own. */
  readonly sizes: Partial<Sizes>;
  /** Where bases and material are kept, and where the rows go. */
  readonly folder: string;
  readonly results: string;
}

const specification = {
  parts: { type: 'string', default: Object.keys(parts).join(',') },
  methods: { type: 'string', default: known.join(',') },
  seeds: { type: 'string', default: '1,2,3,4,5' },
  'training-seeds': { type: 'string', default: '1,2' },
  'tuning-seeds': { type: 'string', default: '11,12' },
  workers: { type: 'string', default: '1' },
  questions: { type: 'string' },
  draws: { type: 'string' },
  'test-questions': { type: 'string' },
  folder: { type: 'string', default: 'runs/study' },
  results: { type: 'string', default: 'benchmarks/results/study' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export const help = `npm run study -- [options]

Works out the cells of docs/study.md that have no row yet, and appends each row as it is done: a run that was killed goes on.

  --parts A,B,…          of ${Object.keys(parts).join(', ')}  (all)
  --methods A,B,…        of ${known.join(', ')}  (all)
  --seeds A,B,…          data seeds  (${specification.seeds.default})
  --training-seeds A,B   seeds of a training, for the parts that repeat it  (${specification['training-seeds'].default})
  --tuning-seeds A,B     data seeds that settings are chosen on  (${specification['tuning-seeds'].default})
  --workers N            processes, one thread each  (${specification.workers.default})
  --questions N          questions of a data seed  (by part)
  --draws N              solutions drawn for a question  (by part)
  --test-questions N     unseen questions of each evaluation  (by part)
  --folder DIR           bases and material  (${specification.folder.default})
  --results DIR          rows, one JSONL file a part  (${specification.results.default})
  -h, --help             this page
`;

/**
 * Reads the command line.
 *
 * @throws OptionError on an unknown option or a value out of range
 */
export function parseStudyOptions(args: readonly string[]): StudyOptions | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  return {
    parts: listOf('parts', values.parts, Object.keys(parts)),
    methods: ['base', ...listOf('methods', values.methods, known)],
    seeds: {
      data: numbers('seeds', values.seeds),
      training: numbers('training-seeds', values['training-seeds']),
      tuning: numbers('tuning-seeds', values['tuning-seeds']),
    },
    workers: whole('workers', values.workers, 1, 64),
    sizes: {
      ...(values.questions && { questions: whole('questions', values.questions, 1, 100_000) }),
      ...(values.draws && { draws: whole('draws', values.draws, 2, 1000) }),
      ...(values['test-questions'] && {
        testQuestions: whole('test-questions', values['test-questions'], 20, 100_000),
      }),
    },
    folder: values.folder,
    results: values.results,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: specification, allowPositionals: false, strict: true }).values;
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error));
  }
}

/** Names separated by commas, each once. */
const listOf = <Name extends string>(option: string, got: string, expected: readonly Name[]): readonly Name[] => [
  ...new Set(
    got.split(',').map((one) => {
      const found = expected.find((name) => name === one.trim());
      if (found === undefined)
        throw new OptionError(`--${option}: got '${one}', expected some of ${expected.join(', ')}`);
      return found;
    }),
  ),
];

const numbers = (name: string, got: string): readonly number[] => [
  ...new Set(got.split(',').map((one) => whole(name, one.trim(), 0, 0xffffffff))),
];

function whole(name: string, got: string, low: number, high: number): number {
  const value = /^\d+$/.test(got) ? Number(got) : Number.NaN;
  if (value >= low && value <= high) return value;
  throw new OptionError(`--${name}: got '${got}', expected whole numbers from ${low} to ${high}`);
}
