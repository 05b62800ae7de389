/** What a layer is built from, as its family has it: a projection with its adapters, norms, the gate of the feed-forward, the residual's sum. */
import { adaptedLinear, linear, rmsNorm, swiglu } from '@svo/kernels';
import { customGradient, type Tensor, tf } from '@svo/tensor';
import { checkAdapterRank } from '../adapter-rank.ts';
import type { Architecture, NormNames } from '../config/architecture.ts';
import { type Decoder, weightOf } from '../decoder-record.ts';
import { type Params, partName } from '../parameters.ts';

/** x Wᵀ + b of a named projection, plus (α / r)·x Aᵀ Bᵀ where params hold adapters for it. */
export const project = (model: Decoder, params: Params, name: string, x: Tensor): Tensor => {
  const { adapters } = model;
  const [weight, bias] = [weightOf(model, params, `${name}.weight`), params[`${name}.bias`]];
  const down = adapters && params[`${name}.lora_A.weight`];
  if (!down) return linear(x, weight, bias);
  const { rank, scale } = adapters;
  checkAdapterRank('applyLora', rank, name, down);
  return adaptedLinear(x, { weight, bias, down, up: params[`${name}.lora_B.weight`]!, scale });
};

/** RMSNorm with a named weight. */
export const normed = ({ architecture }: Decoder, params: Params, name: string, x: Tensor): Tensor => {
  const { epsilon, normOffset } = architecture;
  const weight = params[`${name}.weight`]!;
  return rmsNorm(x, normOffset === 0 ? weight : tf.add(weight, normOffset), epsilon);
};

/** A layer's norm at a place of its block; x itself where the family has none there. */
export const normAt = (model: Decoder, params: Params, layer: number, place: keyof NormNames, x: Tensor): Tensor => {
  const name = model.architecture.norms[place];
  return name === undefined ? x : normed(model, params, partName(layer, name), x);
};

/** RMSNorm of queries or keys `[N, H·d]`: over groups as long as the weight, i.e. each head's dimensions (Qwen3) or all heads' (OLMo 2). */
export const groupNormed = (model: Decoder, params: Params, name: string, x: Tensor): Tensor => {
  const width = params[`${name}.weight`]!.size;
  return tf.reshape(normed(model, params, name, tf.reshape(x, [x.size / width, width])), x.shape);
};

/** ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))): the tanh form of GELU (1606.08415, section 2). */
const geluTanh = (x: Tensor): Tensor => {
  const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
};

/** activation(gate) · up, elementwise. */
export const gated = (activation: Architecture['activation'], gate: Tensor, up: Tensor): Tensor =>
  activation === 'silu' ? swiglu(gate, up) : tf.mul(geluTanh(gate), up);

/** x + y of one shape. Between the passes nothing is kept for it, where tfjs's sum keeps both for their shapes. */
export const residualSum = (x: Tensor, y: Tensor): Tensor =>
  customGradient([x, y], ([a, b]) => ({
    value: tf.add(a!, b!),
    gradFunc: (dy) => [tf.clone(dy), tf.clone(dy)],
  }));
