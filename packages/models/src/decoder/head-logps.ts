/** Log-probs from hidden rows: with the logits kept for the backward pass where they are few, computed again where they are many. */
import type { StoredMatrix } from '@svo/files';
import { linear, linearTokenLogps, targetLogps } from '@svo/kernels';
import type { Tensor } from '@svo/tensor';

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
