/** One matrix of a layer applied to rows, with its adapters. */
import { adaptedLinear, linear } from '@svo/kernels';
import type { Tensor } from '@svo/tensor';
import { type Decoder, weightOf } from './decoder-record.ts';
import type { Params } from './parameters.ts';

/** x Wᵀ + b of a named projection, plus (α / r)·x Aᵀ Bᵀ where params hold adapters for it. */
export const project = (model: Decoder, params: Params, name: string, x: Tensor): Tensor => {
  const { adapterScale: scale } = model;
  const [weight, bias] = [weightOf(model, params, `${name}.weight`), params[`${name}.bias`]];
  const down = scale === undefined ? undefined : params[`${name}.lora_A.weight`];
  if (!down || scale === undefined) return linear(x, weight, bias);
  return adaptedLinear(x, { weight, bias, down, up: params[`${name}.lora_B.weight`]!, scale });
};
