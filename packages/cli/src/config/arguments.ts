import { parseArgs } from 'node:util';
import { UsageError } from '../errors.ts';
import { hint, nearest } from './nearest.ts';
import { parseSetting, type Setting } from './set.ts';

/** Flags that stand for a key of the configuration. */
const keys = {
  model: ['model'],
  policy: ['policy'],
  data: ['data'],
  test: ['test'],
  task: ['task'],
  objective: ['objective'],
  verifier: ['verifier'],
  value: ['value'],
  beam: ['eval', 'beam'],
  out: ['out'],
  seed: ['seed'],
  rounds: ['rounds'],
  backend: ['backend'],
} as const;

/** Their names. */
export const keyFlags: readonly string[] = Object.keys(keys);

const specification = {
  ...({ config: { type: 'string', short: 'c' }, set: { type: 'string', multiple: true } } as const),
  ...(Object.fromEntries(Object.keys(keys).map((name) => [name, { type: 'string' }])) as Record<
    keyof typeof keys,
    { type: 'string' }
  >),
  'dry-run': { type: 'boolean', default: false },
  'print-code': { type: 'boolean', default: false },
  resume: { type: 'boolean', default: false },
  serve: { type: 'boolean', default: false },
  port: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Every flag there is. */
export const allFlags: readonly string[] = Object.keys(specification);

/** A command line, taken apart. */
export interface Arguments {
  readonly config: string | undefined;
  /** `--set` and the flags that stand for keys, in the order in which later ones win. */
  readonly settings: readonly (Setting & { readonly origin: string })[];
  readonly positionals: readonly string[];
  readonly dryRun: boolean;
  readonly printCode: boolean;
  /** Go on with the run that is there, and fail where there is none. */
  readonly resume: boolean;
  /** Answer HTTP instead of reading files. */
  readonly serve: boolean;
  readonly port: string | undefined;
  readonly help: boolean;
}

/** @throws UsageError for a flag that is not known, naming the nearest one */
export function parseArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parsed(args);
  const said = Object.entries(keys).flatMap(([name, path]) => {
    const value = values[name as keyof typeof keys];
    return value === undefined ? [] : [{ path, value: typed(name, value), origin: `--${name}` }];
  });
  const set = (values.set ?? []).map((text) => ({ ...parseSetting(text), origin: `--set ${text}` }));
  return {
    config: values.config,
    settings: [...set, ...said],
    positionals,
    dryRun: values['dry-run'],
    printCode: values['print-code'],
    resume: values.resume,
    serve: values.serve,
    port: values.port,
    help: values.help,
  };
}

/** Flags are text; the three that are numbers are read as such, and what is no number is left for the check to name. */
const typed = (name: string, value: string): unknown =>
  ['seed', 'rounds', 'beam'].includes(name) && /^\d+$/.test(value) ? Number(value) : value;

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: specification, allowPositionals: true, strict: true });
  } catch (error) {
    const message = (error as Error).message.split('. ')[0]!;
    const flag = /'(-{1,2}[\w-]+)/.exec(message)?.[1] ?? '';
    const near = nearest(flag.replace(/^-+/, ''), Object.keys(specification));
    const unknown = /Unknown option/.test(message) ? hint(near && `--${near}`) : '';
    throw new UsageError(`${message}${unknown}; --help lists the flags, --set reaches every key`);
  }
}
