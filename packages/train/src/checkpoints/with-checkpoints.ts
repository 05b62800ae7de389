import { join } from 'node:path';
import { assertOptions } from '@svo/mdp';
import type { Params, Report, Run, StepResult, TrainState } from '../types.ts';
import { checkpointReport, saveCheckpoint } from './checkpoint.ts';
import type { FrozenMatrices } from './frozen-base.ts';
import { withSaves } from './with-saves.ts';

/** Where checkpoints go, how often, and how many are kept. */
export interface CheckpointOptions {
  readonly dir: string;
  /** Every so many steps; the end of the run is always saved. */
  readonly every: number;
  /** Keep only the newest so many (default: all). */
  readonly keep?: number;
  /** Weights that are not trained, e.g. the model under LoRA adapters: left out and known by a hash; `loadCheckpoint` needs them again. */
  readonly base?: Params;
  /** Matrices the model holds outside its parameters (`lm.decoder.frozen`): known by a hash, and `loadCheckpoint` needs them again. */
  readonly frozen?: FrozenMatrices;
  /** Keep the best state as well, in `dir/best`, by this metric; a resumed run knows the best so far. */
  readonly best?: { readonly metric: string; readonly better?: 'lower' | 'higher' };
}

/**
 * Saves the state every `every` steps, and once more at the end of the run, also when the caller breaks out of it. When a
 * step diverges, the state from before that step is saved first; the error then says where (`error.checkpoint`).
 * @throws RangeError when `every` is not a positive whole number.
 * @example
 * ```ts
 * import { mkdtemp, readdir } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { tf } from '@svo/tensor';
 * import { initialTrainState, sgd, train, trainStep, withCheckpoints } from '@svo/train';
 * const dir = await mkdtemp(join(tmpdir(), 'svo-'));
 * const optimizer = sgd({ learningRate: 0.1 });
 * const run = train(initialTrainState({ w: tf.scalar(1) }, optimizer), [{}, {}, {}], trainStep(({ w }) => tf.square(w!), optimizer));
 * for await (const _ of withCheckpoints(run, { dir, every: 2 })) continue;
 * (await readdir(dir)).sort(); // => ['step-00000002', 'step-00000003']
 * ```
 */
export async function* withCheckpoints(
  run: Run,
  options: CheckpointOptions,
): AsyncGenerator<StepResult, void, undefined> {
  assertOptions('withCheckpoints', options, ['dir', 'every', 'keep', 'best', 'base', 'frozen']);
  const { dir, every, keep, best, base, frozen } = options;
  if (best) assertOptions('withCheckpoints: best', best, ['metric', 'better']);
  const left = { ...(base && { base }), ...(frozen && { frozen }) };
  const save = (state: TrainState): Promise<string> =>
    saveCheckpoint(dir, state, { ...(keep !== undefined && { keep }), ...left });
  const watched = best ? keptBest(run, join(dir, 'best'), best, left) : run;
  yield* withSaves(watched, { caller: 'withCheckpoints', every, save });
}

/** Saves a result when it beats everything before it, earlier runs into the same folder included. */
async function* keptBest(
  run: Run,
  dir: string,
  { metric, better = 'lower' }: NonNullable<CheckpointOptions['best']>,
  left: Pick<CheckpointOptions, 'base' | 'frozen'>,
): AsyncGenerator<StepResult, void, undefined> {
  const score = (report: Report | undefined): number => {
    const value = report?.[metric];
    return value === undefined ? Number.POSITIVE_INFINITY : better === 'lower' ? value : -value;
  };
  let record: number | undefined;
  for await (const result of run) {
    const { state, report } = result;
    record ??= score(await checkpointReport(dir));
    if (score(report) < record) {
      await saveCheckpoint(dir, state, { keep: 1, report, ...left });
      record = score(report);
    }
    yield result;
  }
}
