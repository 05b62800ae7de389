/** What a model on this machine is known by: journals and caches compare ids, and a caller's word alone says too little. */
import { contentHash } from '@svo/mdp';
import { type Params, readNumbers, type Tensor, tf } from '@svo/tensor';
import type { CausalLm } from '../decoder/causal-lm.ts';
import type { FrozenMatrices } from '../decoder/decoder-record.ts';
import type { Tokenizer } from '../tokenizer/types.ts';
import { bytesChecksum } from './bytes-checksum.ts';

/** Numbers that {@link weightsDigest} reads of each weight: an update of the optimizer moves nearly all of them. */
const LOOKED_AT = 8;

const shortOf = (value: unknown): string => contentHash(value).slice(0, 12);

const middleOf = (weight: Tensor): Tensor => {
  const count = Math.min(LOOKED_AT, weight.size);
  return tf.slice(tf.reshape(weight, [-1]), [(weight.size - count) >> 1], [count]);
};

/** Every number of each weight, in a checksum; their shapes alone where reading one means to wait for the GPU. */
const looked = (params: Params): unknown =>
  Object.keys(params)
    .sort()
    .map((name) => {
      const weight = params[name]!;
      if (tf.getBackend() === 'webgpu') return [name, weight.shape];
      return [name, weight.shape, bytesChecksum(readNumbers(weight))];
    });

/** The bytes of a frozen matrix do not change, so that they are read once. */
const known = new WeakMap<Uint8Array, string>();

/** Every byte of each frozen matrix: they are here on every backend. */
const lookedFrozen = (frozen: FrozenMatrices): unknown =>
  Object.keys(frozen)
    .sort()
    .map((name) => {
      const { shape, dtype, bytes } = frozen[name]!;
      const checksum = known.get(bytes) ?? bytesChecksum(bytes);
      known.set(bytes, checksum);
      return [name, shape, dtype, checksum];
    });

/** What a tokenizer makes of every text: its file, read once. */
const spelling = new WeakMap<object, string>();

const spellingOf = ({ files, bosId, endIds }: Tokenizer): unknown => {
  const file = spelling.get(files.tokenizer) ?? shortOf(files.tokenizer);
  spelling.set(files.tokenizer, file);
  return [file, bosId ?? null, endIds];
};

/** JSON has no ∞, and no place without a value in a list. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, one) => (one === Number.POSITIVE_INFINITY ? '∞' : one)));

/**
 * The caller's id with a hash of the settings, the architecture, the adapters' scale, the tokenizer and every weight: the same under every
 * backend, but WebGPU, which says nothing of the weights that are tensors (see {@link weightsDigest}).
 */
export const localId = (
  id: string,
  settings: Readonly<Record<string, unknown>>,
  { lm, params, tokenizer }: { readonly lm: CausalLm; readonly params: Params; readonly tokenizer: Tokenizer },
): string => {
  const { architecture, adapters, frozen } = lm.decoder;
  const matrices = Object.keys(frozen).length === 0 ? {} : { frozen: lookedFrozen(frozen) };
  // The same weights are another policy under another rotation, α or tokenizer.
  const made = { architecture: plain(architecture), adapters, tokenizer: spellingOf(tokenizer) };
  return `${id}:${shortOf({ ...settings, ...made, weights: looked(params), ...matrices })}`;
};

/**
 * A hash of a few numbers of each weight, read from the device once: for the `id` of a policy or value model on WebGPU, whose numbers cannot
 * be read at once, so that `localPolicy` and `localValueModel` cannot see them there. The same on every backend.
 *
 * @param params weights that are tensors
 * @returns 12 hexadecimal digits
 * @throws OutOfMemoryError, DeviceLostError where the device cannot be read
 * @example
 * ```ts
 * import { weightsDigest } from '@svo/models';
 * import { tf } from '@svo/tensor';
 * await weightsDigest({ w: tf.tensor1d([1, 2]) }) === (await weightsDigest({ w: tf.tensor1d([1, 3]) })); // => false
 * ```
 */
export const weightsDigest = async (params: Params): Promise<string> => {
  const names = Object.keys(params).sort();
  if (names.length === 0) return shortOf([]);
  const middles = tf.tidy(() => tf.concat(names.map((name) => middleOf(params[name]!))));
  try {
    return shortOf([names.map((name) => [name, params[name]!.shape]), Array.from(await middles.data(), String)]);
  } finally {
    middles.dispose();
  }
};
