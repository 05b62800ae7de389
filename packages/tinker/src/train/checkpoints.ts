/** Where a run on a server stands: the server's checkpoint, and what is needed here to go on from it. */
import { jsonFile, parseStrictJson, wholeFolder, writeFolder } from '@svo/files';
import { assertOptions } from '@svo/mdp';
import { loadCheckpoint, type Run, type StepResult, saveCheckpoint, type TrainState, withSaves } from '@svo/train';
import type { TinkerModel } from '../model/model.ts';
import { isRecord } from '../wire/detail.ts';

/** The state before the first step, or where a checkpoint left off: what there is of it outside the server. */
export function tinkerStart(from: Partial<Pick<TrainState, 'step' | 'tokens' | 'cursor'>> = {}): TrainState {
  const { step = 0, tokens = 0, cursor } = from;
  return { step, tokens, params: {}, optimizer: {}, ...(cursor !== undefined && { cursor }) };
}

/** Where and how often. */
export interface TinkerCheckpointOptions {
  readonly model: Pick<TinkerModel, 'save'>;
  /** A folder here, replaced as a whole by each checkpoint. */
  readonly dir: string;
  /** Every so many steps; the end of the run is always saved, wherever it ends. */
  readonly every: number;
  /** Names on the server are this and the step's number; letters, digits, `_`, `-`. */
  readonly name: string;
}

const file = 'tinker-checkpoint.json';

/**
 * Saves a run on its server every `every` steps and at its end, also when the caller breaks out of it, and then writes here where:
 * {@link loadTinkerCheckpoint} reads it. Parameters that the state holds, and their optimizer, lie in the folder `dir` with `.local` behind
 * its name. A crash at any moment leaves the last whole checkpoint. When a step diverges, what was there before it is saved, as
 * `withCheckpoints` of `@svo/train` does; after any other error nothing is, since nobody knows what the server holds.
 * @throws RangeError when `every` is not a positive whole number
 */
export async function* withTinkerCheckpoints(
  run: Run,
  options: TinkerCheckpointOptions,
): AsyncGenerator<StepResult, void, undefined> {
  assertOptions('withTinkerCheckpoints', options, ['model', 'dir', 'every', 'name']);
  const { model, dir, every, name } = options;
  const save = async (state: TrainState): Promise<string> => {
    const { step, tokens, cursor } = state;
    // What is trained here lies beside, and is there before anything says so.
    const local =
      Object.keys(state.params).length > 0 ? await saveCheckpoint(`${dir}.local`, state, { keep: 2 }) : undefined;
    const path = await model.save(`${name}-${String(step).padStart(8, '0')}`);
    const where = { path, step, tokens, ...(cursor !== undefined && { cursor }) };
    await writeFolder(dir, [
      jsonFile(file, { ...where, ...(local !== undefined && { local: local.slice(local.lastIndexOf('/') + 1) }) }),
    ]);
    return path;
  };
  yield* withSaves(run, { caller: 'withTinkerCheckpoints', every, save });
}

/**
 * What {@link withTinkerCheckpoints} wrote: the server's path for `service.resume`, and the state to go on from, whose
 * `cursor` is the data's.
 * @throws RangeError when the folder holds none
 */
export async function loadTinkerCheckpoint(
  dir: string,
): Promise<{ readonly path: string; readonly state: TrainState }> {
  const { readFile } = await import('node:fs/promises');
  const folder = await wholeFolder(dir);
  const value = parseStrictJson(await readFile(`${folder}/${file}`, 'utf8'));
  const { path, step, tokens, cursor, local } = isRecord(value) ? value : {};
  if (typeof path !== 'string' || !Number.isInteger(step) || !Number.isInteger(tokens))
    throw new RangeError(`loadTinkerCheckpoint: ${dir} must hold path, step and tokens of a checkpoint`);
  if (typeof local === 'string') {
    if (!/^step-[\d.]+$/.test(local))
      throw new RangeError(`loadTinkerCheckpoint: ${dir} names no checkpoint of its own`);
    return { path, state: await loadCheckpoint(`${dir}.local/${local}`) };
  }
  const from = { step, tokens, cursor } as Pick<TrainState, 'step' | 'tokens' | 'cursor'>;
  return { path, state: tinkerStart(from) };
}
