import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  decodeSafetensors,
  type NewFile,
  parseStrictJson,
  removeFolder,
  safetensorsChunks,
  type TensorData,
  writeFolder,
} from '@svo/files';
import { assertOptions } from '@svo/mdp';
import type { Json, Params, Report, TrainState } from '../types.ts';
import { listCheckpoints, nameCheckpoint } from './checkpoint-folders.ts';
import {
  baseHash,
  type FrozenBase,
  type FrozenMatrices,
  frozenHash,
  frozenNames,
  requireFrozen,
  restoredBase,
} from './frozen-base.ts';
import { packState, unpackState } from './packed-state.ts';

/** `params` by their Hugging Face names, so that the file is a model's; everything else of the state in the second one. */
const modelFile = 'model.safetensors';
const trainingFile = 'training.safetensors';
const stateFile = 'state.json';
const format = 'svo-checkpoint-1';
/** With base weights left out; what read the first format alone must not take it for whole. */
const frozenFormat = 'svo-checkpoint-2';

/**
 * Saves a state under `dir` as `step-00000100/` (`model.safetensors`, `training.safetensors`, `state.json`), durably and all
 * or nothing: a full disk or a `kill -9` at any moment leaves the checkpoints that were there. The state is not
 * consumed; wait for the save before the next step, which may update it in place.
 * @param options `keep` leaves this one and the newest `keep − 1` others, once it is safe (default: all are kept); `report` is kept
 *   beside the state, see `checkpointReport`; `base`, weights that are not trained (a model under LoRA adapters): those that are
 *   still the base's own tensors are left out, and known by a hash; `frozen`, matrices the model holds outside its parameters
 *   (`lm.decoder.frozen`), known by a hash too
 * @returns the path of the new folder.
 * @throws RangeError when `keep` is not a positive whole number or a number in the state is not finite; file system errors as they are.
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { tf } from '@svo/tensor';
 * import { initialTrainState, loadCheckpoint, saveCheckpoint, sgd } from '@svo/train';
 * const dir = await mkdtemp(join(tmpdir(), 'svo-'));
 * await saveCheckpoint(dir, initialTrainState({ w: tf.tensor1d([1, 2]) }, sgd({ learningRate: 0.1 })));
 * const { params } = await loadCheckpoint(dir);
 * [...(await params.w!.data())]; // => [1, 2]
 * ```
 */
export async function saveCheckpoint(
  dir: string,
  state: TrainState,
  options: {
    readonly keep?: number;
    readonly report?: Report;
    readonly base?: Params;
    readonly frozen?: FrozenMatrices;
  } = {},
): Promise<string> {
  assertOptions('saveCheckpoint', options, ['keep', 'report', 'base', 'frozen']);
  const { keep = Infinity, report, base } = options;
  if (!(keep >= 1)) throw new RangeError(`saveCheckpoint: keep must be ≥ 1, got ${keep}`);
  const { params, ...rest } = state;
  const frozen = base ? frozenNames(params, base) : [];
  const kept = Object.fromEntries(Object.entries(params).filter(([name]) => !frozen.includes(name)));
  const left = base && frozen.length > 0 ? { names: frozen, sha256: await baseHash(base, frozen) } : undefined;
  const [model, training] = [await packState(kept), await packState(rest)];
  const hashes: Record<string, string> = {};
  const files: NewFile[] = [
    {
      name: modelFile,
      chunks: hashed(modelFile, safetensorsChunks(model.tensors, { metadata: { format: 'pt' } }), hashes),
    },
    { name: trainingFile, chunks: hashed(trainingFile, safetensorsChunks(training.tensors), hashes) },
    // Its hashes are known once the two before it are written, so this one is rendered last.
    {
      name: stateFile,
      chunks: lazily(() =>
        JSON.stringify(
          {
            format: left ? frozenFormat : format,
            params: Object.keys(params),
            ...(left && { base: left }),
            frozen: frozenHash(options.frozen),
            report,
            state: training.json,
            sha256: hashes,
          },
          null,
          2,
        ),
      ),
    },
  ];
  const name = nameCheckpoint(state.step, await listCheckpoints(dir));
  await writeFolder(join(dir, name), files, { replace: false });
  const others = (await listCheckpoints(dir)).filter((folder) => folder.name !== name);
  for (const old of others.slice(0, Math.max(0, others.length + 1 - keep))) await removeFolder(join(dir, old.name));
  return join(dir, name);
}

/**
 * Loads the newest checkpoint under `dir`, or the one that `dir` itself is, onto the active backend: weights, moments, step
 * counts and data cursor are bit for bit what was saved, so training goes on as if it had never stopped.
 * @param options `base`, the weights that were left out, and `frozen` (see `saveCheckpoint`); their hashes must be the saved ones
 * @throws RangeError when base or frozen matrices are missing or others, when there is no checkpoint, or a file is damaged (its SHA-256 disagrees) or was made by another format.
 * @example
 * ```ts
 * import { loadCheckpoint } from '@svo/train';
 * await loadCheckpoint('/nowhere').catch((error) => error.message); // => 'loadCheckpoint: dir must hold a checkpoint, got none in /nowhere'
 * ```
 */
export async function loadCheckpoint(
  dir: string,
  options: { readonly base?: Params; readonly frozen?: FrozenMatrices } = {},
): Promise<TrainState> {
  assertOptions('loadCheckpoint', options, ['base', 'frozen']);
  const folder = await findCheckpoint(dir);
  const { params: names, base: frozen, frozen: matrices, state, sha256 } = await readState(join(folder, stateFile));
  requireFrozen(folder, matrices, options.frozen);
  const read = async (name: string): Promise<Record<string, TensorData>> => {
    const bytes = await readFile(join(folder, name));
    const hash = createHash('sha256').update(bytes).digest('hex');
    if (hash !== sha256[name])
      throw new RangeError(
        `loadCheckpoint: ${join(folder, name)} is damaged: its SHA-256 is ${hash}, expected ${sha256[name]} (load an older checkpoint by its own path)`,
      );
    return decodeSafetensors(bytes).tensors;
  };
  const [model, training] = [await read(modelFile), await read(trainingFile)];
  // In the order they had: sums over all parameters, such as the gradient norm, round differently in another one.
  const base = await restoredBase(folder, frozen, options.base);
  const own = names.filter((name) => base[name] === undefined);
  const references = Object.fromEntries(own.map((name) => [name, { $tensor: name }]));
  const trained = unpackState({ json: references, tensors: model }) as TrainState['params'];
  const params = Object.fromEntries(names.map((name) => [name, base[name] ?? trained[name]!]));
  const rest = unpackState({ json: state, tensors: training }) as Omit<TrainState, 'params'>;
  return { ...rest, params };
}

/**
 * The report saved with the newest checkpoint under `dir` (or the one that `dir` is), if there is one.
 * @example
 * ```ts
 * import { checkpointReport } from '@svo/train';
 * await checkpointReport('/nowhere'); // => undefined
 * ```
 */
export async function checkpointReport(dir: string): Promise<Report | undefined> {
  const newest = (await listCheckpoints(dir)).at(-1);
  return newest && (await readState(join(dir, newest.name, stateFile))).report;
}

async function findCheckpoint(dir: string): Promise<string> {
  if (/^step-\d+/.test(basename(dir))) return dir;
  const newest = (await listCheckpoints(dir)).at(-1);
  if (!newest) throw new RangeError(`loadCheckpoint: dir must hold a checkpoint, got none in ${dir}`);
  return join(dir, newest.name);
}

interface StateJson {
  readonly format?: string;
  readonly params: readonly string[];
  readonly base?: FrozenBase;
  /** SHA-256 of the matrices held outside the parameters. */
  readonly frozen?: string;
  readonly report?: Report;
  readonly state: Json;
  readonly sha256: Readonly<Record<string, string>>;
}

async function readState(path: string): Promise<StateJson> {
  let parsed: Partial<StateJson> | null;
  try {
    parsed = parseStrictJson(await readFile(path, 'utf8')) as Partial<StateJson> | null;
  } catch (error) {
    throw new RangeError(`loadCheckpoint: ${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  if (parsed?.format !== format && !(parsed?.format === frozenFormat && Array.isArray(parsed.base?.names)))
    throw new RangeError(
      `loadCheckpoint: ${path} must be of format ${format} or ${frozenFormat}, got ${parsed?.format}`,
    );
  if (!Array.isArray(parsed.params) || !parsed.sha256 || !parsed.state)
    throw new RangeError(`loadCheckpoint: ${path} must hold params, state and sha256, got ${Object.keys(parsed)}`);
  return parsed as StateJson;
}

function* hashed(name: string, chunks: Iterable<Uint8Array>, hashes: Record<string, string>): Generator<Uint8Array> {
  const hash = createHash('sha256');
  for (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
  hashes[name] = hash.digest('hex');
}

function* lazily(render: () => string): Generator<Uint8Array> {
  yield new TextEncoder().encode(render());
}
