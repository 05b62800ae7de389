/** What this package's tests share; not exported. */
import { type Tensor, tf } from '@svo/tensor';
import { type CausalLm, causalLm } from '../causal-lm.ts';
import type { ModelConfig } from '../config.ts';
import { normalValues } from '../parameters.ts';

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
      tf.tensor(normalValues(seed, name, value.size, 0.3), value.shape).add(name.endsWith('norm.weight') ? 1 : 0),
    ]),
  );

/** The largest absolute difference of two equally long lists. */
export const largestGap = (actual: ArrayLike<number>, expected: ArrayLike<number>): number => {
  if (actual.length !== expected.length) throw new RangeError(`${actual.length} numbers against ${expected.length}`);
  let gap = 0;
  for (let i = 0; i < expected.length; i++) gap = Math.max(gap, Math.abs(actual[i] - expected[i]));
  return gap;
};

/** Rows of ids as a tensor. */
export const idTensor = (rows: number[][]): Tensor => tf.tensor2d(rows, undefined, 'int32');
