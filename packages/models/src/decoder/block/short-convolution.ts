/** A layer that mixes each token with the few before it, gated (LFM2): C · conv(B · x), with B, C and x from one projection. */
import { embedding } from '@svo/kernels';
import { type Tensor, tf } from '@svo/tensor';
import type { Decoder } from '../decoder-record.ts';
import { type Params, partName } from '../parameters.ts';
import { normAt, project } from './layer-operations.ts';

/** What goes into a layer's convolution, `B · x`, and the gate C of what comes out; `[N, D]` each. */
export const convolutionInputs = (
  model: Decoder,
  params: Params,
  layer: number,
  x: Tensor,
): { readonly input: Tensor; readonly gate: Tensor } => {
  const rows = normAt(model, params, layer, 'beforeAttention', x);
  const [b, c, value] = tf.split(project(model, params, partName(layer, 'conv', 'in_proj'), rows), 3, 1);
  return { input: tf.mul(b!, value!), gate: c! };
};

/**
 * The convolution itself, column by column: Σ wₖ · the row K − 1 − k tokens before, + bias.
 * @param earlier the K tokens each row sees, the furthest first and itself last; `[N, D]` each
 */
export const convolved = (params: Params, layer: number, earlier: readonly Tensor[]): Tensor => {
  const name = partName(layer, 'conv', 'conv');
  const weight = params[`${name}.weight`]!;
  const taps = tf.split(tf.transpose(tf.reshape(weight, [weight.shape[0]!, earlier.length])), earlier.length, 0);
  const sum = earlier.map((rows, k) => tf.mul(rows, taps[k]!)).reduce((total, one) => tf.add(total, one));
  const bias = params[`${name}.bias`];
  return bias ? tf.add(sum, bias) : sum;
};

/**
 * For every row of whole sequences, which row stands so many tokens before it in the same example: 1 + its index, or 0 where there is
 * none, `[N]` int32 for K − 1, …, 1 tokens.
 * @param positions `[N]` within the token's own example
 */
export const earlierRows = (kernel: number, positions: Int32Array): Tensor[] =>
  Array.from({ length: kernel - 1 }, (_, k) => {
    const back = kernel - 1 - k;
    return tf.tensor1d(
      Int32Array.from(positions, (position, row) => (position < back ? 0 : row - back + 1)),
      'int32',
    );
  });

/** A layer's convolution over whole sequences: the gated result, and what went in, `[N, D]` each. */
export const shortConvolution = (
  model: Decoder,
  params: Params,
  layer: number,
  x: Tensor,
  earlier: readonly Tensor[],
): { readonly mixed: Tensor; readonly input: Tensor } => {
  const { input, gate } = convolutionInputs(model, params, layer, x);
  const table = tf.concat([tf.zeros([1, input.shape[1]!]), input]);
  const seen = [...earlier.map((rows) => embedding(table, rows)), input];
  return { mixed: tf.mul(gate, convolved(params, layer, seen)), input };
};
