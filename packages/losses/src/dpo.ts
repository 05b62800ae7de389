import { negate, type Scalar } from '@svo/tensor';
import { assertBeta } from './check.ts';
import { marginLoss, type PairInputs, type PairOptions } from './pair-loss.ts';

/** Options of `dpoLoss`. */
export interface DpoOptions extends PairOptions {
  /** β, 0.1 by default. */
  readonly beta?: number;
  /** ε of conservative DPO: 0 by default, which is plain DPO. */
  readonly labelSmoothing?: number;
}

/** DPO. */
export function dpoLoss(inputs: PairInputs, options: DpoOptions = {}): Scalar {
  const { beta = 0.1, labelSmoothing = 0 } = options;
  assertBeta('dpoLoss', beta);
  return marginLoss('dpoLoss', inputs, options, (math, margin) => {
    const x = math.mul(beta, margin);
    const losses = math.add(math.softplus(negate(math, x)), math.mul(labelSmoothing, x));
    const slope = () => math.mul(-beta, math.sub(math.sigmoid(negate(math, x)), labelSmoothing));
    return { losses, slope };
  });
}
