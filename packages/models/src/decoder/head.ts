/** From final hidden states to logits and log-probs: the head's matrix, its scale and its cap. */
import { linear, targetLogps } from '@svo/kernels';
import { type Tensor, tf } from '@svo/tensor';
import { scaled } from './block-parts.ts';
import { headWeight } from './decoder.ts';
import type { Decoder } from './decoder-record.ts';
import { headLogps } from './head-logps.ts';
import type { Params } from './parameters.ts';

/** Logits of hidden rows: `[n, D] → [n, V]`. */
export const headLogits = (model: Decoder, params: Params, rows: Tensor): Tensor => {
  const { logitScale, logitCap } = model.architecture;
  const logits = linear(scaled(rows, logitScale), headWeight(model, params));
  return logitCap === undefined ? logits : tf.mul(tf.tanh(tf.div(logits, logitCap)), logitCap);
};

/** log softmax of the logits at the targets: `[n, D]`, `[n]` int32 → `[n]`. */
export const wantedLogps = (model: Decoder, params: Params, rows: Tensor, targets: Tensor): Tensor => {
  const { logitScale, logitCap } = model.architecture;
  // The fused head knows no cap: the logits are kept.
  return logitCap === undefined
    ? headLogps(scaled(rows, logitScale), headWeight(model, params), targets)
    : targetLogps(headLogits(model, params, rows), targets);
};
