/** DPO and its family, one line of mathematics a loss: (Δ_w, Δ_l) ↦ [ℓ, ∂ℓ/∂Δ_w, ∂ℓ/∂Δ_l]. See LOSSES table in docs/papers.md. */
import { logSigmoid, sigmoid, softplus, sum } from './numerics.ts';
import type { Reference, Vector } from './types.ts';

/** The four inputs of a pair loss, [B]. */
export interface PairArrays {
  readonly policyChosenLogps: Vector;
  readonly policyRejectedLogps: Vector;
  readonly referenceChosenLogps: Vector;
  readonly referenceRejectedLogps: Vector;
  readonly pairWeights?: Vector;
}

/** Options shared by the pair losses; each loss reads those it has. */
export interface PairArrayOptions {
  readonly beta?: number;
  readonly labelSmoothing?: number;
  readonly normalizer?: number;
}

/** Value and gradient of a pair loss. */
export type PairReference = Reference<'policyChosenLogps' | 'policyRejectedLogps'>;

type Terms = readonly [loss: number, byChosen: number, byRejected: number];

function overPairs(
  inputs: PairArrays,
  normalizer: number | undefined,
  term: (w: number, l: number) => Terms,
): PairReference {
  const terms = inputs.policyChosenLogps.map((_, i) =>
    term(
      inputs.policyChosenLogps[i] - inputs.referenceChosenLogps[i],
      inputs.policyRejectedLogps[i] - inputs.referenceRejectedLogps[i],
    ),
  );
  const n = normalizer ?? Math.max(terms.length, 1);
  const weighted = (term: number, i: number): number => {
    const weight = inputs.pairWeights?.[i] ?? 1;
    return weight === 0 ? 0 : weight * term;
  };
  return {
    value: sum(terms.map(([loss], i) => weighted(loss, i))) / n,
    gradients: {
      policyChosenLogps: terms.map(([, byChosen], i) => weighted(byChosen, i) / n),
      policyRejectedLogps: terms.map(([, , byRejected], i) => weighted(byRejected, i) / n),
    },
  };
}

/** −(1−ε) log σ(βh) − ε log σ(−βh); ε = 0 by default. */
export function dpoLoss(
  inputs: PairArrays,
  { beta = 0.1, labelSmoothing = 0, normalizer }: PairArrayOptions = {},
): PairReference {
  return overPairs(inputs, normalizer, (w, l) => {
    const x = beta * (w - l);
    const slope = beta * (labelSmoothing * sigmoid(x) - (1 - labelSmoothing) * sigmoid(-x));
    return [-(1 - labelSmoothing) * logSigmoid(x) - labelSmoothing * logSigmoid(-x), slope, -slope];
  });
}

/** `dpoLoss` with ε = 0.2 by default. */
export function conservativeDpoLoss(inputs: PairArrays, options: PairArrayOptions = {}): PairReference {
  return dpoLoss(inputs, { labelSmoothing: 0.2, ...options });
}

/** `dpoLoss` on one step. */
export function stepDpoLoss(inputs: PairArrays, options: PairArrayOptions = {}): PairReference {
  return dpoLoss(inputs, options);
}

/** [−(1−ε) log σ(βh) + ε log σ(−βh)] / (1−2ε); ε = 0.1 by default. */
export function robustDpoLoss(
  inputs: PairArrays,
  { beta = 0.1, labelSmoothing = 0.1, normalizer }: PairArrayOptions = {},
): PairReference {
  const scale = 1 / (1 - 2 * labelSmoothing);
  return overPairs(inputs, normalizer, (w, l) => {
    const x = beta * (w - l);
    const slope = -beta * scale * ((1 - labelSmoothing) * sigmoid(-x) + labelSmoothing * sigmoid(x));
    return [scale * (labelSmoothing * logSigmoid(-x) - (1 - labelSmoothing) * logSigmoid(x)), slope, -slope];
  });
}

/** max(0, 1 − βh) */
export function hingeLoss(inputs: PairArrays, { beta = 0.1, normalizer }: PairArrayOptions = {}): PairReference {
  return overPairs(inputs, normalizer, (w, l) => {
    const x = beta * (w - l);
    if (x >= 1) return [0, 0, 0];
    return [1 - x, -beta, beta];
  });
}

/** KL( (σ(βh), σ(−βh)) ‖ (1−ε, ε) ); ε = 0.001 by default. */
export function exoPairLoss(
  inputs: PairArrays,
  { beta = 0.1, labelSmoothing = 0.001, normalizer }: PairArrayOptions = {},
): PairReference {
  return overPairs(inputs, normalizer, (w, l) => {
    const x = beta * (w - l);
    const loss =
      sigmoid(x) * (logSigmoid(x) - Math.log(1 - labelSmoothing)) +
      sigmoid(-x) * (logSigmoid(-x) - Math.log(labelSmoothing));
    const slope = beta * sigmoid(x) * sigmoid(-x) * (x - Math.log((1 - labelSmoothing) / labelSmoothing));
    return [loss, slope, -slope];
  });
}

/** −log σ(a) − ½ log σ(−a) − ½ log σ(−b) */
export function ncaPairLoss(inputs: PairArrays, { beta = 0.1, normalizer }: PairArrayOptions = {}): PairReference {
  return overPairs(inputs, normalizer, (w, l) => [
    -logSigmoid(beta * w) - 0.5 * logSigmoid(-beta * w) - 0.5 * logSigmoid(-beta * l),
    -beta * sigmoid(-beta * w) + 0.5 * beta * sigmoid(beta * w),
    0.5 * beta * sigmoid(beta * l),
  ]);
}

/** (Δ_w − ½/β)² + (Δ_l + ½/β)² */
export function sppoHardLoss(inputs: PairArrays, { beta = 0.1, normalizer }: PairArrayOptions = {}): PairReference {
  const half = 0.5 / beta;
  return overPairs(inputs, normalizer, (w, l) => [(w - half) ** 2 + (l + half) ** 2, 2 * (w - half), 2 * (l + half)]);
}

/** σ(−a) + σ(b) */
export function apoZeroLoss(inputs: PairArrays, { beta = 0.1, normalizer }: PairArrayOptions = {}): PairReference {
  return overPairs(inputs, normalizer, (w, l) => [
    sigmoid(-beta * w) + sigmoid(beta * l),
    -beta * sigmoid(beta * w) * sigmoid(-beta * w),
    beta * sigmoid(beta * l) * sigmoid(-beta * l),
  ]);
}

/** σ(a) + σ(−βh) */
export function apoDownLoss(inputs: PairArrays, { beta = 0.1, normalizer }: PairArrayOptions = {}): PairReference {
  return overPairs(inputs, normalizer, (w, l) => {
    const x = beta * (w - l);
    const pull = beta * sigmoid(x) * sigmoid(-x);
    return [sigmoid(beta * w) + sigmoid(-x), beta * sigmoid(beta * w) * sigmoid(-beta * w) - pull, pull];
  });
}

/** softplus(−(a − δ)) + softplus(b − δ); δ is the batch's mean reward by default. */
export function bcoPairLoss(
  inputs: PairArrays,
  {
    beta = 0.1,
    rewardShift = 'batch',
    normalizer,
  }: PairArrayOptions & { readonly rewardShift?: number | 'batch' } = {},
): PairReference {
  const rewards = inputs.policyChosenLogps.flatMap((_, i) => [
    beta * (inputs.policyChosenLogps[i] - inputs.referenceChosenLogps[i]),
    beta * (inputs.policyRejectedLogps[i] - inputs.referenceRejectedLogps[i]),
  ]);
  const shift = rewardShift === 'batch' ? sum(rewards) / Math.max(rewards.length, 1) : rewardShift;
  return overPairs(inputs, normalizer, (w, l) => [
    softplus(shift - beta * w) + softplus(beta * l - shift),
    -beta * sigmoid(shift - beta * w),
    beta * sigmoid(beta * l - shift),
  ]);
}

/** (1−m) softplus(−x) + m e^{−x}, m = σ(x/τ); the second term in log space, where e^{−x} alone would overflow. */
export function discopopLoss(
  inputs: PairArrays,
  { beta = 0.1, temperature = 0.05, normalizer }: PairArrayOptions & { readonly temperature?: number } = {},
): PairReference {
  return overPairs(inputs, normalizer, (w, l) => {
    const x = beta * (w - l);
    const exponential = Math.exp(logSigmoid(x / temperature) - x);
    const loss = sigmoid(-x / temperature) * softplus(-x) + exponential;
    const throughGate =
      (sigmoid(-x / temperature) * (exponential - sigmoid(x / temperature) * softplus(-x))) / temperature;
    const slope = beta * (throughGate - sigmoid(-x / temperature) * sigmoid(-x) - exponential);
    return [loss, slope, -slope];
  });
}

/** The options of `divergenceDpoLoss`. */
export interface DivergenceArrayOptions extends PairArrayOptions {
  readonly divergence?: 'reverseKl' | 'forwardKl' | 'jensenShannon' | 'alpha';
  readonly alpha?: number;
}

/** softplus(−β(u(Δ_w) − u(Δ_l))), u the score of the divergence. */
export function divergenceDpoLoss(
  inputs: PairArrays,
  { beta = 0.1, divergence = 'reverseKl', alpha = 0.5, normalizer }: DivergenceArrayOptions = {},
): PairReference {
  const order = { reverseKl: 0, forwardKl: 1, alpha, jensenShannon: Number.NaN }[divergence];
  return overPairs(inputs, normalizer, (w, l) => {
    const x = beta * scoreGap(w, l, order);
    const logSlope = (delta: number): number => (Number.isNaN(order) ? logSigmoid(-delta) : -order * delta);
    const slope = (delta: number): number => beta * Math.exp(logSlope(delta) + logSigmoid(-x));
    return [softplus(-x), -slope(w), slope(l)];
  });
}

/** u(w) − u(l): log σ for the Jensen-Shannon divergence (NaN), Δ for α = 0, (1 − e^{−αΔ})/α else, as e^{−αl}(1 − e^{−α(w − l)})/α. */
function scoreGap(w: number, l: number, alpha: number): number {
  if (Number.isNaN(alpha)) return logSigmoid(w) - logSigmoid(l);
  if (alpha === 0 || w === l) return w - l;
  const exponent = alpha * (w - l);
  if (exponent > 0) return (-Math.exp(-alpha * l) * Math.expm1(-exponent)) / alpha;
  return (Math.exp(-alpha * w) * Math.expm1(exponent)) / alpha;
}
