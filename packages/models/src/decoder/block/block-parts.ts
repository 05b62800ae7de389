/** The two halves of a block around its attention: shared by whole sequences and by decoding token by token. */
import { type Tensor, tf } from '@svo/tensor';
import type { Architecture } from '../config/architecture.ts';
import type { Decoder } from '../decoder-record.ts';
import { type Params, partName } from '../parameters.ts';
import { mixtureOfExperts } from './experts.ts';
import { gated, groupNormed, normAt, project, residualSum } from './layer-operations.ts';

/** x · scale, at no cost where that changes nothing. */
export const scaled = (x: Tensor, scale: number): Tensor => (scale === 1 ? x : tf.mul(x, scale));

/**
 * Where only the first r dimensions of a head are rotated, pairs are (i, i + r / 2). Each head's columns are put as
 * [0, r / 2), half of the rest, [r / 2, r), the other half, so that pairs stand headDim / 2 apart; the rest pairs among itself, at the
 * angle 0. Scores stay what they were, for queries and keys are put alike.
 */
const pairedColumns = ({ rotaryDim, headDim }: Architecture, x: Tensor): Tensor => {
  if (rotaryDim === headDim) return x;
  const rows = tf.reshape(x, [x.size / headDim, headDim]);
  const [turned, rest] = [rotaryDim / 2, (headDim - rotaryDim) / 2];
  const parts = tf.split(rows, [turned, turned, rest, rest], 1);
  return tf.reshape(tf.concat([parts[0]!, parts[2]!, parts[1]!, parts[3]!], 1), x.shape);
};

/** Query, key and value as the projections give them. */
const projected = (model: Decoder, params: Params, layer: number, rows: Tensor): Tensor[] => {
  const { fusedProjections, heads, keyValueHeads, headDim, names } = model.architecture;
  const at = (name: string): Tensor => project(model, params, partName(layer, names.attention, name), rows);
  if (!fusedProjections) return [at('q_proj'), at('k_proj'), at('v_proj')];
  const keyWidth = keyValueHeads * headDim;
  return tf.split(at('qkv_proj'), [heads * headDim, keyWidth, keyWidth], 1);
};

/**
 * A layer's query, key and value rows, not yet rotated: `[N, H·d]`, `[N, Hkv·d]`, `[N, Hkv·d]`.
 * @param scales `[N, 1]`: what each token's query is multiplied by
 */
export const queryKeyValue = (
  model: Decoder,
  params: Params,
  layer: number,
  x: Tensor,
  scales?: Tensor,
): { query: Tensor; key: Tensor; value: Tensor } => {
  const { architecture } = model;
  const { queryKeyNorm, names } = architecture;
  const [query, key, value] = projected(model, params, layer, normAt(model, params, layer, 'beforeAttention', x));
  const finished = (name: string, rows: Tensor): Tensor => {
    const norm = partName(layer, names.attention, name);
    return pairedColumns(architecture, queryKeyNorm ? groupNormed(model, params, norm, rows) : rows);
  };
  const ready = finished(names.queryNorm, query!);
  return { query: scales ? tf.mul(ready, scales) : ready, key: finished(names.keyNorm, key!), value: value! };
};

/** down(activation(gate x) · up x), `[N, D] → [N, D]`. */
const feedForward = (model: Decoder, params: Params, layer: number, x: Tensor): Tensor => {
  const { fusedProjections, names, activation, experts } = model.architecture;
  if (experts?.layers[layer]) return mixtureOfExperts(model, params, layer, x);
  const at = (name: string, rows: Tensor): Tensor =>
    project(model, params, partName(layer, names.feedForward, name), rows);
  const [gate, up] = fusedProjections ? tf.split(at('gate_up_proj', x), 2, 1) : [at(names.gate, x), at(names.up, x)];
  return at(names.down, gated(activation, gate!, up!));
};

/** The rest of a block after attention, or after the convolution in its place: output projection, residual, feed-forward, residual. `[N, D]`. */
export const afterAttention = (
  model: Decoder,
  params: Params,
  layer: number,
  residual: Tensor,
  attended: Tensor,
): Tensor => {
  const { residualScale, names, convolution } = model.architecture;
  const mixer = convolution?.layers[layer] ? 'conv' : names.attention;
  const output = project(model, params, partName(layer, mixer, names.output), attended);
  const x = residualSum(residual, scaled(normAt(model, params, layer, 'afterAttention', output), residualScale));
  const fed = feedForward(model, params, layer, normAt(model, params, layer, 'beforeFeedForward', x));
  return residualSum(x, scaled(normAt(model, params, layer, 'afterFeedForward', fed), residualScale));
};
