/** What this package's tests share; not exported. */
import { type Tensor, tf } from '@svo/tensor';
import { type CausalLm, causalLm } from '../decoder/causal-lm.ts';
import type { ModelConfig } from '../decoder/config/architecture.ts';
import { normalValues } from '../decoder/parameters.ts';

/** Sizes small enough for the slowest backend. */
export const smallConfig: ModelConfig = {
  model_type: 'llama',
  vocab_size: 19,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
};

/** A small model of another shape. */
export const smallLm = (change: Partial<ModelConfig> = {}): CausalLm => causalLm({ ...smallConfig, ...change });

/** Every parameter random, norms and biases too: ones and zeros would hide a mistake. */
export const randomised = (params: Readonly<Record<string, Tensor>>, seed = 5): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      tf.add(tf.tensor(normalValues(seed, name, value.size, 0.3), value.shape), name.endsWith('norm.weight') ? 1 : 0),
    ]),
  );

/** Spreads the bits of 32-bit integers evenly. */
const mixed = (x: number): number => {
  const first = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  const second = Math.imul(first ^ (first >>> 15), 0x846ca68b);
  return (second ^ (second >>> 16)) >>> 0;
};

/** Weights that follow from their names, as `weight` in test/golden/models/families.py draws them to the last bit. */
export const hashedParams = (shapes: Readonly<Record<string, readonly number[]>>): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const state = [...name].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16777619), 2166136261);
      const count = shape.reduce((product, extent) => product * extent, 1);
      const centre = name.endsWith('norm.weight') ? 1 : 0;
      const values = Float32Array.from({ length: count }, (_, i) => (mixed(state + i) / 2 ** 32 - 0.5) * 0.9 + centre);
      return [name, tf.tensor(values, [...shape])];
    }),
  );

/** The largest absolute difference of two equally long lists. */
export const largestGap = (actual: ArrayLike<number>, expected: ArrayLike<number>): number => {
  if (actual.length !== expected.length) throw new RangeError(`${actual.length} numbers against ${expected.length}`);
  let gap = 0;
  for (let i = 0; i < expected.length; i++) gap = Math.max(gap, Math.abs(actual[i]! - expected[i]!));
  return gap;
};

/** Rows of ids as a tensor. */
export const idTensor = (rows: number[][]): Tensor => tf.tensor2d(rows, undefined, 'int32');

/** Two rows of tokens and their step marks: two steps in the first, one in the second. */
export const markedRows: { readonly rows: number[][]; readonly stepIds: number[][] } = {
  rows: [
    [3, 9, 4, 7, 1, 12],
    [5, 5, 18, 2, 6, 0],
  ],
  stepIds: [
    [-1, -1, 0, 0, 1, -1],
    [-1, -1, -1, 0, -1, -1],
  ],
};
