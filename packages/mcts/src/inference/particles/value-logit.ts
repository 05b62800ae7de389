import { assertOptions } from '@svo/mdp';

/**
 * The logit of a value between what is surely wrong and surely right: log p/(1 − p), p = (V − low)/(high − low), kept 1e-7 away from 0 and 1 as its_hub
 * keeps it. The log-weight of a particle.
 *
 * @param options `low` −1 and `high` 1
 * @returns a function that throws a RangeError for a value outside
 * @example
 * ```ts
 * import { valueLogit } from '@svo/mcts';
 * [valueLogit()(0), valueLogit({ low: 0, high: 1 })(0.75).toFixed(4)]; // => [0, '1.0986']
 * ```
 */
export function valueLogit(options: { readonly low?: number; readonly high?: number } = {}): (value: number) => number {
  assertOptions('valueLogit', options, ['low', 'high']);
  const { low = -1, high = 1 } = options;
  if (!(low < high && Number.isFinite(high - low)))
    throw new RangeError(`valueLogit: low must be below high, got ${low} and ${high}`);
  return (value) => {
    if (!(value >= low && value <= high))
      throw new RangeError(
        `valueLogit: values must be in [${low}, ${high}], got ${value} (give low and high, or for logits logWeight: (z) => z)`,
      );
    const p = Math.min(Math.max((value - low) / (high - low), 1e-7), 1 - 1e-7);
    return Math.log(p / (1 - p));
  };
}
