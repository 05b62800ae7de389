import { difference, square, stop, sum } from '../formula/operations.ts';
import { defineLoss } from '../manifest/define-loss.ts';
import type { Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { type DqoOptions, dqoOptions, stopIf, trajectories } from './dqo-returns.ts';
import { type TokenInputs, tokenInputs } from './token-inputs.ts';

/** Options of `dqoPolicyLoss`. */
export interface DqoPolicyOptions extends DqoOptions {
  /** Which residual bootstraps the policy; they agree at λ = 1. `'literal'` by default. */
  readonly policyTarget?: 'literal' | 'mixed';
  /** Whether what follows a token, sg[G_{t+1}], is without gradient: true by default. False lets future log-ratios learn from it. */
  readonly detachFuture?: boolean;
  /** Whether the values are: true by default. False trains them too, V(s_t) alone or, with `detachFuture: false`, all of them. */
  readonly detachValues?: boolean;
}

/**
 * DQO's policy loss: the policy's log-ratio is a Q-function, regressed on the λ-return of what follows.
 *
 * ρ_t = r_t − βΔ_t, G_t = ρ_t + (1−λ)V(s_{t+1}) + λG_{t+1}, V = G = 0 after the end;
 * L = mean w·δ_t², `'literal'`: δ_t = V(s_t) + βΔ_t − r_t − sg[G_{t+1}]; `'mixed'`: δ_t = V(s_t) − G_t with gradient through its own
 * Δ_t (DQO, 2410.09302, eq. 10–11 and 16). At λ = 0 the literal form is a two-step residual, the mixed one TD.
 * ∂L/∂log π_θ(a_t) = 2wβδ_t / (T_b·B); nothing flows through G, V or w. Where the paper stops gradients could not be read:
 * `detachFuture: false` adds β·Σ_{k<t} λ^{t−k−1}·2wδ_k/(T_b·B) (once more times λ for `'mixed'`), `detachValues: false` gives the
 * values theirs.
 *
 * @throws ShapeError when an input is not [B, T]; RangeError for β ≤ 0, λ outside [0, 1], a clip ≤ 0, an unknown target
 * @example
 * ```ts
 * import { dqoPolicyLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const row = (...numbers: number[]) => tf.tensor2d([numbers]);
 * const inputs = { policyLogps: row(-1, -2), referenceLogps: row(-1, -2), values: row(0.5, 0.5), rewards: row(0, 1), mask: row(1, 1) };
 * dqoPolicyLoss(inputs).dataSync()[0]; // => 0.25
 * ```
 */
export const dqoPolicyLoss: Loss<TokenInputs, DqoPolicyOptions> = defineLoss(
  {
    name: 'dqoPolicyLoss',
    family: 'tokens',
    source: 'DQO, 2410.09302, eq. 10, 11 and 16',
    inputs: tokenInputs({ policyLogps: true, values: 'byOption' }),
    options: {
      ...dqoOptions,
      policyTarget: is.oneOf('literal', 'mixed'),
      detachFuture: is.flag(true),
      detachValues: is.flag(true),
    },
    golden: ['oreo.token', 'dqo.lam0.residuals', 'dqo.is_weight'],
  },
  (x, options) => {
    const { lambda, policyTarget, detachFuture, detachValues } = options;
    const values = stopIf(detachValues, x.values);
    const { own, nextValues, following, weights } = trajectories({ ...x, values }, options);
    const bootstrap = lambda === 1 ? following : nextValues.times(1 - lambda).plus(following.times(lambda));
    const target = own.plus(stopIf(detachFuture, policyTarget === 'literal' ? following : bootstrap));
    return sum(square(difference(x.mask, values, target)).times(weights));
  },
);

/**
 * DQO's value loss: V is regressed on the λ-return.
 *
 * L = mean w·(sg[G_t] − V_φ(s_t))², G as in `dqoPolicyLoss` (DQO, 2410.09302, eq. 9 and 16).
 * ∂L/∂V_t = 2w(V_t − G_t) / (T_b·B); the policy receives nothing.
 *
 * @throws ShapeError when an input is not [B, T]; RangeError for β ≤ 0, λ outside [0, 1], a clip ≤ 0
 * @example
 * ```ts
 * import { dqoValueLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const row = (...numbers: number[]) => tf.tensor2d([numbers]);
 * const inputs = { policyLogps: row(-1, -2), referenceLogps: row(-1, -2), values: row(0.5, 0), rewards: row(0, 1), mask: row(1, 1) };
 * dqoValueLoss(inputs).dataSync()[0]; // => 0.625
 * ```
 */
export const dqoValueLoss: Loss<TokenInputs, DqoOptions> = defineLoss(
  {
    name: 'dqoValueLoss',
    family: 'tokens',
    source: 'DQO, 2410.09302, eq. 9 and 16',
    inputs: tokenInputs({ values: true }),
    options: dqoOptions,
    golden: ['oreo.token', 'dqo.is_weight'],
  },
  (x, options) => {
    const { returns, weights } = trajectories(x, options);
    return sum(square(difference(x.mask, x.values, stop(returns))).times(weights));
  },
);
