import { assertOptions } from '@svo/files';
import { defaults } from '../../shared/defaults.ts';
import { sigmoid, softplus, sum } from '../shared/numerics.ts';
import { entries } from '../shared/reduce.ts';
import type { Reference, Vector } from '../shared/types.ts';
import { logRatios, type PairArrays } from './margin.ts';

/** The inputs of `svpoLoss`, [B]. */
export interface SvpoArrays extends PairArrays {
  readonly chosenValues: Vector;
  readonly rejectedValues: Vector;
}

/** The options of `svpoLoss`. */
export interface SvpoArrayOptions {
  readonly beta?: number;
  readonly margin?: number;
  readonly marginWeight?: number;
  readonly regularizerWeight?: number;
  readonly regularizerTarget?: 'value' | 'policy' | 'none';
  readonly normalizer?: number;
}

/**
 * L = mean −log σ(h_θ) + w_m·max(0, γ − h_φ) + w_r·(h_θ − h_φ)², h_θ = β(Δ_w − Δ_l), h_φ = V_w − V_l (SVPO, 2406.10858, eq. 10).
 * `frozen` holds the margins that sg[·] reads, in case they are to differ from the live ones: finite differences then see exactly
 * what the gradient sees.
 *
 * Shapes: all inputs [B]; gradients on both policies and both values [B].
 * @example
 * ```ts
 * import { svpoLoss } from '@svo/losses/reference';
 * const [same, value] = [[-3], [0]];
 * const logps = { policyChosenLogps: same, policyRejectedLogps: same, referenceChosenLogps: same, referenceRejectedLogps: same };
 * svpoLoss({ ...logps, chosenValues: value, rejectedValues: value }).value.toFixed(6); // => '0.818147'
 * ```
 */
export function svpoLoss(
  inputs: SvpoArrays,
  options: SvpoArrayOptions = {},
  frozen: SvpoArrays = inputs,
): Reference<'policyChosenLogps' | 'policyRejectedLogps' | 'chosenValues' | 'rejectedValues'> {
  assertOptions('svpoLoss', options, [
    'beta',
    'margin',
    'marginWeight',
    'regularizerWeight',
    'regularizerTarget',
    'normalizer',
  ]);
  const {
    beta = defaults.beta,
    margin = 0.5,
    marginWeight = 0.25,
    regularizerWeight = 0.001,
    regularizerTarget = 'value',
  } = options;
  const n = options.normalizer ?? Math.max(inputs.chosenValues.length, 1);
  const [live, fixed] = [margins(inputs, beta), margins(frozen, beta)];
  const pairs = entries({
    h: live.policy,
    hValue: live.value,
    policySide: regularizerTarget === 'policy' ? fixed.policy : live.policy,
    valueSide: regularizerTarget === 'value' ? fixed.value : live.value,
  }).map(({ h, hValue, policySide, valueSide }) => {
    const apart = policySide - valueSide;
    const pull = 2 * regularizerWeight * apart;
    return {
      loss: softplus(-h) + marginWeight * Math.max(0, margin - hValue) + regularizerWeight * apart ** 2,
      byPolicy: beta * (-sigmoid(-h) + (regularizerTarget === 'policy' ? 0 : pull)),
      byValue: (hValue < margin ? -marginWeight : 0) - (regularizerTarget === 'value' ? 0 : pull),
    };
  });
  const policy = pairs.map(({ byPolicy }) => byPolicy / n);
  const value = pairs.map(({ byValue }) => byValue / n);
  return {
    value: sum(pairs.map(({ loss }) => loss)) / n,
    gradients: {
      policyChosenLogps: policy,
      policyRejectedLogps: policy.map((g) => -g),
      chosenValues: value,
      rejectedValues: value.map((g) => -g),
    },
  };
}

/** h_θ and h_φ of every pair. */
const margins = (inputs: SvpoArrays, beta: number): { readonly policy: Vector; readonly value: Vector } => ({
  policy: logRatios(inputs).map(({ w, l }) => beta * (w - l)),
  value: entries({ w: inputs.chosenValues, l: inputs.rejectedValues }).map(({ w, l }) => w - l),
});
