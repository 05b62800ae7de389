import { assertOptions } from '@svo/mdp';

/**
 * SPO's probability mask: of a step's tokens only those the policy was unsure of are trained, 1 where e^{log μ} < threshold and 0
 * elsewhere (Guo et al., 2505.23564). What the policy would have written anyway did not decide the step.
 *
 * @param logps log-probs of the tokens under the policy that drew them, nats
 * @param options `threshold` 0.9
 * @returns [T], to be multiplied into a loss's `mask`
 * @throws RangeError when a log-prob is NaN or above 0, the threshold is outside (0, 1], or an option is unknown
 * @example
 * ```ts
 * import { probabilityMask } from '@svo/mcts';
 * probabilityMask([-0.01, -0.7, -2]); // => [0, 1, 1]
 * ```
 */
export function probabilityMask(logps: readonly number[], options: { readonly threshold?: number } = {}): number[] {
  assertOptions('probabilityMask', options, ['threshold']);
  const { threshold = 0.9 } = options;
  if (!(threshold > 0 && threshold <= 1))
    throw new RangeError(`probabilityMask: threshold must be in (0, 1], got ${threshold}`);
  const at = logps.findIndex((logp) => !(logp <= 0));
  if (at >= 0)
    throw new RangeError(
      `probabilityMask: logps must be ≤ 0, got ${logps[at]} at ${at} (natural logs of probabilities)`,
    );
  return logps.map((logp) => (Math.exp(logp) < threshold ? 1 : 0));
}
