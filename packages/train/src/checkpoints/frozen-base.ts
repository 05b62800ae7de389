/** Weights that a run does not train: left out of its checkpoints, known by a hash. */
import { createHash } from 'node:crypto';
import type { Tensor } from '@svo/tensor';
import type { Params } from '../types.ts';

/** What a checkpoint keeps of the weights it left out. */
export interface FrozenBase {
  readonly names: readonly string[];
  /** Over names, shapes and values. */
  readonly sha256: string;
}

/** Matrices a model holds outside its parameters, as they are stored: `lm.decoder.frozen` of `@svo/models`. */
export type FrozenMatrices = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly dtype: string; readonly bytes: Uint8Array }>
>;

/** The bytes of a stored matrix do not change either. */
const knownBytes = new WeakMap<Uint8Array, string>();

const hashOfBytes = (bytes: Uint8Array): string => {
  const hash = knownBytes.get(bytes) ?? createHash('sha256').update(bytes).digest('hex');
  knownBytes.set(bytes, hash);
  return hash;
};

/** The hash of matrices held outside the parameters; `undefined` where there are none. */
export const frozenHash = (frozen: FrozenMatrices = {}): string | undefined => {
  const names = Object.keys(frozen).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('sha256');
  for (const name of names) {
    const { shape, dtype, bytes } = frozen[name]!;
    hash.update(`${name} ${dtype} [${shape}] ${hashOfBytes(bytes)}\n`);
  }
  return hash.digest('hex');
};

/** Throws a RangeError where a checkpoint was trained over other frozen matrices, or nobody gave them. */
export const requireFrozen = (where: string, saved: string | undefined, frozen: FrozenMatrices | undefined): void => {
  if (saved === undefined) return;
  const hash = frozenHash(frozen);
  if (hash === undefined)
    throw new RangeError(
      `loadCheckpoint: ${where} was trained over frozen matrices: pass them as frozen, e.g. loadCheckpoint(dir, { base: params, frozen: lm.decoder.frozen })`,
    );
  if (hash !== saved)
    throw new RangeError(
      `loadCheckpoint: ${where} was trained over other frozen matrices: frozen has SHA-256 ${hash}, expected ${saved} (another model, or the same one loaded in another width)`,
    );
};

/** The data of a frozen tensor does not change, so that it is hashed once a run. */
const known = new WeakMap<object, string>();

async function hashOf(tensor: Tensor): Promise<string> {
  const found = known.get(tensor.dataId);
  if (found !== undefined) return found;
  const { buffer, byteOffset, byteLength } = (await tensor.data()) as Float32Array;
  const hash = createHash('sha256')
    .update(`${tensor.dtype} [${tensor.shape}]\n`)
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex');
  known.set(tensor.dataId, hash);
  return hash;
}

/** The hash of these weights, whatever their order. */
export async function baseHash(weights: Params, names: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const name of [...names].sort()) hash.update(`${name} ${await hashOf(weights[name]!)}\n`);
  return hash.digest('hex');
}

/** The names of the parameters that are the base's own tensors: not trained, and not replaced by others. */
export const frozenNames = (params: Params, base: Params): string[] =>
  Object.keys(params).filter((name) => base[name] !== undefined && base[name].dataId === params[name]!.dataId);

/** The weights a checkpoint left out, from the base it is given. Throws a RangeError where they are missing or others. */
export async function restoredBase(
  where: string,
  frozen: FrozenBase | undefined,
  base: Params | undefined,
): Promise<Record<string, Tensor>> {
  if (!frozen) return {};
  if (!base)
    throw new RangeError(
      `loadCheckpoint: ${where} holds no base weights (${frozen.names.length} were frozen): pass them as base, e.g. loadCheckpoint(dir, { base: params })`,
    );
  const missing = frozen.names.find((name) => base[name] === undefined);
  if (missing !== undefined) throw new RangeError(`loadCheckpoint: ${where}: base must hold ${missing}, got none`);
  const hash = await baseHash(base, frozen.names);
  if (hash !== frozen.sha256)
    throw new RangeError(
      `loadCheckpoint: ${where} was trained on other base weights: base has SHA-256 ${hash}, expected ${frozen.sha256}`,
    );
  // Clones share the data; the state and the caller each dispose their own.
  return Object.fromEntries(frozen.names.map((name) => [name, base[name]!.clone()]));
}
