import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EvalConfig, SvoConfig } from '../config/config.ts';
import { defaults } from '../config/defaults.ts';
import { UsageError } from '../errors.ts';
import { files } from '../shell/run-folder.ts';
import { formatName } from '../stages/formats.ts';

/** A beam search under a value model, settled. */
export interface GuidePlan {
  /** The folder that says values. */
  readonly value: string;
  /** By its name; of a task in a module the module's path. */
  readonly format: string;
  readonly beam: number;
  readonly breadth: number;
  readonly depth: number;
  readonly stepTokens: number;
  readonly temperature: number;
}

/** What of `eval` is a beam search's alone, and what it has no use for. */
const own = ['beam', 'breadth', 'depth', 'stepTokens'] as const satisfies readonly (keyof EvalConfig)[];
const foreign = ['samples', 'maxTokens'] as const satisfies readonly (keyof EvalConfig)[];

/** The search of `--value`; none without. @throws UsageError for what does not go together, or no folder */
export function guideOf({ value, eval: given = {}, ...config }: SvoConfig): GuidePlan | undefined {
  if (value === undefined) {
    const alone = own.find((key) => given[key] !== undefined);
    if (alone === undefined) return undefined;
    throw new UsageError(`eval.${alone}: a beam search wants a value model that ranks its steps; give --value FOLDER`);
  }
  const idle = foreign.find((key) => given[key] !== undefined);
  if (idle !== undefined)
    throw new UsageError(
      `eval.${idle}: a beam search gives one answer a question, of at most eval.depth steps of eval.stepTokens tokens; leave it out, or --value`,
    );
  if (!existsSync(value) || !statSync(value).isDirectory())
    throw new UsageError(
      `value: there is no folder '${value}'; expected what svo train left, such as runs/train/model`,
    );
  if (existsSync(join(value, 'model')) && existsSync(join(value, files.summary)))
    throw new UsageError(`value: '${value}' looks like a run; its model lies in ${join(value, 'model')}`);
  const { beam, breadth, depth, stepTokens, temperature } = { ...defaults.search, beam: defaults.beam, ...given };
  if (temperature === 0)
    throw new UsageError(
      'eval.temperature: must be above 0 for a beam search, whose continuations would all be the same',
    );
  return { value, format: formatName(config), beam, breadth, depth, stepTokens, temperature };
}
