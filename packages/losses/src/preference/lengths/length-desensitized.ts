import { sequenceLogps, type Tensor, tf } from '@svo/tensor';
import { positive, relu, returns, rowCount } from '../../formula/operations.ts';
import { as, term } from '../../formula/term.ts';
import { defineOperation } from '../../manifest/define-operation.ts';
import * as is from '../../manifest/options.ts';

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
  return shorter({ chosenMask, rejectedMask });
}

const shorter = defineOperation<Readonly<Record<'chosenMask' | 'rejectedMask', Tensor>>, object>(
  {
    name: 'sharedLengths',
    inputs: { chosenMask: { shape: 'B T', kind: 'mask' }, rejectedMask: { shape: 'B U', kind: 'mask' } },
    options: {},
  },
  ({ chosenMask, rejectedMask }) => {
    const [chosen, rejected] = [rowCount(chosenMask), rowCount(rejectedMask)];
    return chosen.minus(relu(chosen.minus(rejected)));
  },
);

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
 * const logps = tf.tensor2d([[-9, -1, -2, -4]]);
 * const mask = tf.tensor2d([[0, 1, 1, 1]]);
 * desensitizedLogps({ logps, mask, sharedLengths: tf.tensor1d([2]) }, { alpha: 0.25 }).arraySync(); // => [-4]
 * ```
 */
export function desensitizedLogps(inputs: DesensitizedInputs, options: DesensitizedOptions = {}): Tensor {
  return tf.tidy(() => {
    const weights = tokenWeights(inputs, options);
    return sequenceLogps(tf.mul(inputs.logps, weights), inputs.mask);
  });
}

/** 1 for each token up to the shared length, α beyond. */
const tokenWeights = defineOperation<DesensitizedInputs, DesensitizedOptions>(
  {
    name: 'desensitizedLogps',
    inputs: {
      logps: { shape: 'B T', kind: 'logps' },
      mask: { shape: 'B T', kind: 'mask' },
      sharedLengths: { shape: 'B', kind: 'lengths' },
    },
    options: { alpha: is.within(0.5, [0, 1]) },
  },
  ({ mask, sharedLengths: shared }, { alpha }) => {
    const remaining = returns(mask, as(term(1), mask.shape));
    const beyond = rowCount(mask).minus(shared);
    // A token lies beyond where as few remain, itself counted, as lie beyond.
    const isBeyond = positive(beyond.plus(0.5).minus(remaining));
    return isBeyond.times(alpha - 1).plus(1);
  },
);
