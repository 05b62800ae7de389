/** One matrix of a layer applied to rows, with its adapters. */
import { linear } from '@svo/kernels';
import { type Tensor, tf } from '@svo/tensor';
import type { Decoder } from './decoder-record.ts';
import type { Params } from './parameters.ts';

/** x Wᵀ + b of a named projection, plus (α / r)·x Aᵀ Bᵀ where params hold adapters for it. */
export const project = ({ adapterScale }: Decoder, params: Params, name: string, x: Tensor): Tensor => {
  const base = linear(x, params[`${name}.weight`], params[`${name}.bias`]);
  const down = adapterScale === undefined ? undefined : params[`${name}.lora_A.weight`];
  if (!down || adapterScale === undefined) return base;
  const low = linear(x, down);
  return tf.add(base, tf.mul(linear(low, params[`${name}.lora_B.weight`]), adapterScale));
};
