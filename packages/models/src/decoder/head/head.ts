/** From final hidden states to logits and log-probs: the head's matrix, its scale and its cap. */
import type { StoredMatrix } from '@svo/files';
import { linear, linearTokenLogps, targetLogps } from '@svo/kernels';
import { type Tensor, tf } from '@svo/tensor';
import { scaled } from '../block/block-parts.ts';
import { headWeight } from '../decoder.ts';
import type { Decoder } from '../decoder-record.ts';
import type { Params } from '../parameters.ts';

/** Logits that may be kept: 32 MiB of them. Beyond, memory is worth more than the third product of the backward pass. */
export const keptLogits: number = 2 ** 23;

/**
 * log softmax(x Wᵀ) at the targets: `[n, D]`, `[V, D]`, `[n]` int32 → `[n]`.
 * Either way the numbers are the same; a vocabulary of any size fits.
 */
export const headLogps = (rows: Tensor, weight: Tensor | StoredMatrix, targets: Tensor): Tensor =>
  rows.shape[0]! * weight.shape[0]! <= keptLogits
    ? targetLogps(linear(rows, weight), targets)
    : linearTokenLogps(rows, weight, targets);

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
