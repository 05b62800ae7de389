import type { Tensor } from '@svo/tensor';
import { select } from '../formula/operations.ts';
import { defineLoss } from '../manifest/define-loss.ts';
import type { Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { average } from '../shared/row-weights.ts';
import { crossEntropy } from './cross-entropy.ts';

/** What `stepBceLoss` takes, all [B, S], one column a step. */
export interface StepBceInputs {
  /** z: the verifier's output after each step, before any σ; carries gradient. */
  readonly logits: Tensor;
  /** How likely a right answer is from there, in [0, 1]: 0 or 1 (hard labels), or a search's estimate; data. */
  readonly targets: Tensor;
  /** 1 on real steps. */
  readonly mask: Tensor;
}

/** Options of `stepBceLoss`. */
export interface StepBceOptions {
  /** `'flat'` (default): the mean over all steps. `'row'`: over a solution's steps, then over solutions. */
  readonly reduction?: 'flat' | 'row';
  /** Steps (or solutions, with `'row'`) of the whole accumulation window; those of this batch by default. */
  readonly normalizer?: number;
}

/**
 * A process verifier's cross-entropy, step by step.
 *
 * L = −mean_t y·log σ(z) + (1 − y)·log σ(−z). Hard labels: whether a right answer was found from the step (Math-Shepherd, 2312.08935, eq. 3 to 5). Soft
 * ones: how often (the same, eq. 4; OmegaPRM, 2406.06592). `prmRows` of `@svo/mcts` gives both from a tree: `labels`, and `values`, which are in ±1:
 * y = (V + 1)/2. ∂L/∂z = (σ(z) − y) / N; the minimum is σ(z) = y.
 *
 * @throws ShapeError when an input is not [B, S]; RangeError for an unknown reduction
 * @example
 * ```ts
 * import { stepBceLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const row = (...numbers: number[]) => tf.tensor2d([numbers]);
 * stepBceLoss({ logits: row(0, 0), targets: row(1, 0.25), mask: row(1, 1) }).dataSync()[0]!.toFixed(4); // => '0.6931'
 * ```
 */
export const stepBceLoss: Loss<StepBceInputs, StepBceOptions> = defineLoss(
  {
    name: 'stepBceLoss',
    family: 'verifiers',
    source: 'Math-Shepherd, 2312.08935; OmegaPRM, 2406.06592',
    inputs: {
      logits: { shape: 'B S', kind: 'logps', trained: true },
      targets: { shape: 'B S', kind: 'values' },
      mask: { shape: 'B S', kind: 'mask' },
    },
    options: { reduction: is.reduction('flat', 'row') },
    golden: [],
  },
  (x, options) => {
    const logits = select(x.mask, x.logits, 0);
    const targets = select(x.mask, x.targets, 0);
    return average(select(x.mask, crossEntropy(logits, targets), 0), x.mask, options);
  },
);
