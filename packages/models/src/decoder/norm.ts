/** The norms of a block, under the names its family gives them. */
import { rmsNorm } from '@svo/kernels';
import { type Tensor, tf } from '@svo/tensor';
import type { NormNames } from './architecture.ts';
import type { Decoder } from './decoder-record.ts';
import { type Params, partName } from './parameters.ts';

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
