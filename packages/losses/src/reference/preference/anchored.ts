/** Pair losses that hold each side against the reference by itself. */

import { assertOptions } from '@svo/files';
import { defaults } from '../../shared/defaults.ts';
import { logSigmoid, sigmoid, softplus, sum } from '../shared/numerics.ts';
import { logRatios, overPairs, type PairArrayOptions, type PairArrays, type PairReference } from './margin.ts';

/**
 * L = mean −log σ(a) − ½ log σ(−a) − ½ log σ(−b), a = βΔ_w, b = βΔ_l.
 * ∂L/∂log π(y_w) = β(½σ(a) − σ(−a))/B, ∂L/∂log π(y_l) = ½β·σ(b)/B (NCA, 2402.05369, section 4.1).
 *
 * Shapes: all inputs [B]; gradients on `policyChosenLogps` and `policyRejectedLogps` [B].
 * @example
 * ```ts
 * import { ncaPairLoss } from '@svo/losses/reference';
 * const pair = { policyChosenLogps: [-12], policyRejectedLogps: [-14], referenceChosenLogps: [-13], referenceRejectedLogps: [-13] };
 * ncaPairLoss(pair).value.toFixed(6); // => '1.338793'
 * ```
 */
export function ncaPairLoss(inputs: PairArrays, options: PairArrayOptions = {}): PairReference {
  assertOptions('ncaPairLoss', options, ['beta', 'normalizer']);
  const { beta = defaults.beta, normalizer } = options;
  return overPairs(inputs, normalizer, (w, l) => [
    -logSigmoid(beta * w) - 0.5 * logSigmoid(-beta * w) - 0.5 * logSigmoid(-beta * l),
    -beta * sigmoid(-beta * w) + 0.5 * beta * sigmoid(beta * w),
    0.5 * beta * sigmoid(beta * l),
  ]);
}

/**
 * L = mean (Δ_w − 1/(2β))² + (Δ_l + 1/(2β))².
 * ∂L/∂log π(y_w) = 2(Δ_w − 1/(2β))/B, ∂L/∂log π(y_l) = 2(Δ_l + 1/(2β))/B (SPPO, 2405.00675, eq. 4.7 with P = 1 and 0).
 *
 * Shapes: all inputs [B]; gradients on `policyChosenLogps` and `policyRejectedLogps` [B].
 * @example
 * ```ts
 * import { sppoHardLoss } from '@svo/losses/reference';
 * const pair = { policyChosenLogps: [-12], policyRejectedLogps: [-14], referenceChosenLogps: [-13], referenceRejectedLogps: [-13] };
 * sppoHardLoss(pair).value.toFixed(6); // => '32.000000'
 * ```
 */
export function sppoHardLoss(inputs: PairArrays, options: PairArrayOptions = {}): PairReference {
  assertOptions('sppoHardLoss', options, ['beta', 'normalizer']);
  const { beta = defaults.beta, normalizer } = options;
  const half = 0.5 / beta;
  return overPairs(inputs, normalizer, (w, l) => [(w - half) ** 2 + (l + half) ** 2, 2 * (w - half), 2 * (l + half)]);
}

/**
 * L = mean −log σ(Δ_w − Δ_l) + λ(Δ_w − 1/(2β))² + λ(Δ_l + 1/(2β))²; λ 1 by default.
 * ∂L/∂log π(y_w) = (2λ(Δ_w − 1/(2β)) − σ(Δ_l − Δ_w))/B, ∂L/∂log π(y_l) = (2λ(Δ_l + 1/(2β)) + σ(Δ_l − Δ_w))/B (Cal-DPO, 2412.14516).
 *
 * Shapes: all inputs [B]; gradients on `policyChosenLogps` and `policyRejectedLogps` [B].
 * @example
 * ```ts
 * import { calDpoLoss } from '@svo/losses/reference';
 * const pair = { policyChosenLogps: [-12], policyRejectedLogps: [-14], referenceChosenLogps: [-13], referenceRejectedLogps: [-13] };
 * calDpoLoss(pair).value.toFixed(4); // => '32.1269'
 * ```
 */
export function calDpoLoss(
  inputs: PairArrays,
  options: PairArrayOptions & { readonly calibration?: number } = {},
): PairReference {
  assertOptions('calDpoLoss', options, ['beta', 'calibration', 'normalizer']);
  const { beta = defaults.beta, calibration = 1, normalizer } = options;
  const half = 0.5 / beta;
  return overPairs(inputs, normalizer, (w, l) => [
    calibration * ((w - half) ** 2 + (l + half) ** 2) - logSigmoid(w - l),
    2 * calibration * (w - half) - sigmoid(l - w),
    2 * calibration * (l + half) + sigmoid(l - w),
  ]);
}

/**
 * L = mean σ(−a) + σ(b), a = βΔ_w, b = βΔ_l.
 * ∂L/∂log π(y_w) = −βσ(a)σ(−a)/B, ∂L/∂log π(y_l) = βσ(b)σ(−b)/B (APO, 2408.06266, eq. 7).
 *
 * Shapes: all inputs [B]; gradients on `policyChosenLogps` and `policyRejectedLogps` [B].
 * @example
 * ```ts
 * import { apoZeroLoss } from '@svo/losses/reference';
 * const pair = { policyChosenLogps: [-12], policyRejectedLogps: [-14], referenceChosenLogps: [-13], referenceRejectedLogps: [-13] };
 * apoZeroLoss(pair).value.toFixed(6); // => '0.950042'
 * ```
 */
export function apoZeroLoss(inputs: PairArrays, options: PairArrayOptions = {}): PairReference {
  assertOptions('apoZeroLoss', options, ['beta', 'normalizer']);
  const { beta = defaults.beta, normalizer } = options;
  return overPairs(inputs, normalizer, (w, l) => [
    sigmoid(-beta * w) + sigmoid(beta * l),
    -beta * sigmoid(beta * w) * sigmoid(-beta * w),
    beta * sigmoid(beta * l) * sigmoid(-beta * l),
  ]);
}

/**
 * L = mean σ(a) + σ(−x), a = βΔ_w, x = β(Δ_w − Δ_l).
 * ∂L/∂log π(y_w) = β(σ(a)σ(−a) − σ(x)σ(−x))/B, ∂L/∂log π(y_l) = βσ(x)σ(−x)/B (APO, 2408.06266, eq. 8).
 *
 * Shapes: all inputs [B]; gradients on `policyChosenLogps` and `policyRejectedLogps` [B].
 * @example
 * ```ts
 * import { apoDownLoss } from '@svo/losses/reference';
 * const pair = { policyChosenLogps: [-12], policyRejectedLogps: [-14], referenceChosenLogps: [-13], referenceRejectedLogps: [-13] };
 * apoDownLoss(pair).value.toFixed(6); // => '0.975145'
 * ```
 */
export function apoDownLoss(inputs: PairArrays, options: PairArrayOptions = {}): PairReference {
  assertOptions('apoDownLoss', options, ['beta', 'normalizer']);
  const { beta = defaults.beta, normalizer } = options;
  return overPairs(inputs, normalizer, (w, l) => {
    const x = beta * (w - l);
    const pull = beta * sigmoid(x) * sigmoid(-x);
    return [sigmoid(beta * w) + sigmoid(-x), beta * sigmoid(beta * w) * sigmoid(-beta * w) - pull, pull];
  });
}

/**
 * L = mean softplus(δ − a) + softplus(b − δ), a = βΔ_w, b = βΔ_l; δ the batch's mean reward by default, without gradient.
 * ∂L/∂log π(y_w) = −βσ(δ − a)/B, ∂L/∂log π(y_l) = βσ(b − δ)/B (BCO, 2404.04656, section 4).
 *
 * Shapes: all inputs [B]; gradients on `policyChosenLogps` and `policyRejectedLogps` [B].
 * @example
 * ```ts
 * import { bcoPairLoss } from '@svo/losses/reference';
 * const pair = { policyChosenLogps: [-12], policyRejectedLogps: [-14], referenceChosenLogps: [-13], referenceRejectedLogps: [-13] };
 * bcoPairLoss(pair).value.toFixed(6); // => '1.288793'
 * ```
 */
export function bcoPairLoss(
  inputs: PairArrays,
  options: PairArrayOptions & { readonly rewardShift?: number | 'batch' } = {},
): PairReference {
  assertOptions('bcoPairLoss', options, ['beta', 'rewardShift', 'normalizer']);
  const { beta = defaults.beta, rewardShift = 'batch', normalizer } = options;
  const rewards = logRatios(inputs).flatMap(({ w, l }) => [beta * w, beta * l]);
  const shift = rewardShift === 'batch' ? sum(rewards) / Math.max(rewards.length, 1) : rewardShift;
  return overPairs(inputs, normalizer, (w, l) => [
    softplus(shift - beta * w) + softplus(beta * l - shift),
    -beta * sigmoid(shift - beta * w),
    beta * sigmoid(beta * l - shift),
  ]);
}
