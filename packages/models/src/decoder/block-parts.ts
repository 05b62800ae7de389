/** The two halves of a block around its attention: shared by whole sequences and by decoding token by token. */
import { swiglu } from '@svo/kernels';
import { type Tensor, tf } from '@svo/tensor';
import type { Decoder } from './decoder-record.ts';
import { groupNormed, normAt } from './norm.ts';
import { type Params, type Projection, projectionName } from './parameters.ts';
import { project } from './project.ts';

/** A layer's query, key and value rows, not yet rotated: `[N, H·d]`, `[N, Hkv·d]`, `[N, Hkv·d]`. */
export const queryKeyValue = (
  model: Decoder,
  params: Params,
  layer: number,
  x: Tensor,
): { query: Tensor; key: Tensor; value: Tensor } => {
  const rows = normAt(model, params, layer, 'beforeAttention', x);
  const at = (projection: Projection): Tensor => project(model, params, projectionName(layer, projection), rows);
  const [query, key, value] = [at('q_proj'), at('k_proj'), at('v_proj')];
  if (!model.architecture.queryKeyNorm) return { query, key, value };
  const prefix = `model.layers.${layer}.self_attn`;
  return {
    query: groupNormed(model, params, `${prefix}.q_norm`, query),
    key: groupNormed(model, params, `${prefix}.k_norm`, key),
    value,
  };
};

/** down(silu(gate x) · up x), `[N, D] → [N, D]`. */
const feedForward = (model: Decoder, params: Params, layer: number, x: Tensor): Tensor => {
  const at = (projection: Projection, rows: Tensor): Tensor =>
    project(model, params, projectionName(layer, projection), rows);
  return at('down_proj', swiglu(at('gate_proj', x), at('up_proj', x)));
};

/** The rest of a block after attention: output projection, residual, feed-forward, residual. `[N, D]`. */
export const afterAttention = (
  model: Decoder,
  params: Params,
  layer: number,
  residual: Tensor,
  attended: Tensor,
): Tensor => {
  const output = project(model, params, projectionName(layer, 'o_proj'), attended);
  const x = tf.add(residual, normAt(model, params, layer, 'afterAttention', output));
  const fed = feedForward(model, params, layer, normAt(model, params, layer, 'beforeFeedForward', x));
  return tf.add(x, normAt(model, params, layer, 'afterFeedForward', fed));
};
