import { assertShapes, evaluate, sequenceLogps, type Tensor, tf } from '@svo/tensor';
import { assertWithin } from '../shared/check.ts';

/** What `desensitizedLogps` takes. */
export interface DesensitizedInputs {
  /** log π of each token [B, T]; carries gradient if it has any coming in. */
  readonly logps: Tensor;
  /** 1 on the completion's tokens [B, T]. */
  readonly mask: Tensor;
  /** How many tokens both completions of the pair have [B], from `sharedLengths`. */
  readonly sharedLengths: Tensor;
}

/** Options of `desensitizedLogps`. */
export interface DesensitizedOptions {
  /** α: what a token beyond the shared length counts, 0.5 by default. 1 is the plain sum, 0 cuts both sides to one length. */
  readonly alpha?: number;
}

/**
 * How many tokens both sides of each pair have: min(n_w, n_l). No gradient.
 *
 * @param chosenMask - [B, T]
 * @param rejectedMask - [B, U]; the two may be of different widths
 * @returns [B]
 * @throws ShapeError when the masks are not matrices of as many rows
 * @example
 * ```ts
 * import { sharedLengths } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * sharedLengths(tf.tensor2d([[0, 1, 1, 1]]), tf.tensor2d([[1, 1]])).arraySync(); // => [2]
 * ```
 */
export function sharedLengths(chosenMask: Tensor, rejectedMask: Tensor): Tensor {
  const { B } = assertShapes('sharedLengths', { chosenMask: [chosenMask, 'B T'], rejectedMask: [rejectedMask, 'B U'] });
  return tf.tidy(() => {
    const [chosen, rejected] = [chosenMask, rejectedMask].map((mask) =>
      evaluate({ mask }, [B], (math, x) => math.rowCount(x.mask)),
    );
    return tf.minimum(chosen, rejected);
  });
}

/**
 * LD-DPO's log-probability of a completion: tokens beyond the length both sides share count less, so that being long is no
 * reward of its own. Feed all four of a pair loss's inputs from it, the reference's too.
 *
 * Σ_{t ≤ ℓ} log π(y_t) + α·Σ_{t > ℓ} log π(y_t), ℓ = min(n_w, n_l), t counting the completion's tokens (LD-DPO, 2409.06411; TRL's
 * `ld_alpha`). ∂/∂log π(y_t) is 1 or α.
 *
 * @returns [B], nats
 * @throws ShapeError when shapes disagree; RangeError for α outside [0, 1]
 * @example
 * ```ts
 * import { desensitizedLogps } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const [logps, mask] = [[-9, -1, -2, -4], [0, 1, 1, 1]].map((row) => tf.tensor2d([row]));
 * desensitizedLogps({ logps, mask, sharedLengths: tf.tensor1d([2]) }, { alpha: 0.25 }).arraySync(); // => [-4]
 * ```
 */
export function desensitizedLogps(inputs: DesensitizedInputs, options: DesensitizedOptions = {}): Tensor {
  const { alpha = 0.5 } = options;
  const { logps, mask, sharedLengths: shared } = inputs;
  const { B, T } = assertShapes('desensitizedLogps', {
    logps: [logps, 'B T'],
    mask: [mask, 'B T'],
    sharedLengths: [shared, 'B'],
  });
  assertWithin('desensitizedLogps', 'alpha', alpha, [0, 1]);
  return tf.tidy(() => {
    const weights = evaluate({ mask, shared }, [B, T], (math, x) => {
      const ones = math.add(1, math.mul(0, math.positive(x.mask)));
      const remaining = math.returns(x.mask, ones, 1);
      const beyond = math.mul(ones, math.sub(math.rowCount(x.mask), x.shared));
      // A token lies beyond where as few remain, itself counted, as lie beyond.
      const isBeyond = math.positive(math.sub(math.add(beyond, 0.5), remaining));
      return math.add(1, math.mul(alpha - 1, isBeyond));
    });
    return sequenceLogps(tf.mul(logps, weights), mask);
  });
}
