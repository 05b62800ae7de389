import type { Tensor } from '@svo/tensor';
import { logSums, nextValid, positive, rowCount, rowSum, select, softplus, sum } from '../formula/operations.ts';
import { as, type Term, term } from '../formula/term.ts';
import { defineLoss } from '../manifest/define-loss.ts';
import type { Loss } from '../manifest/manifest.ts';
import * as is from '../manifest/options.ts';
import { atLeastOne } from '../shared/counts.ts';
import { slotWeights } from '../shared/row-weights.ts';

/** What `pqmLoss` takes, all [B, S], one column a step. */
export interface PqmInputs {
  /** Q after each step, as a logit; carries gradient. */
  readonly logits: Tensor;
  /** 1 where the step is right, 0 where it is wrong; data. */
  readonly labels: Tensor;
  /** 1 on real steps. */
  readonly mask: Tensor;
}

/** Options of `pqmLoss`. */
export interface PqmOptions {
  /** ζ ≥ 0, how far right steps are to stand above wrong ones: 4. */
  readonly margin?: number;
  /** Solutions of the whole accumulation window; those of this batch by default. */
  readonly normalizer?: number;
}

/**
 * PQM: a verifier's steps ranked within their solution, later right steps above earlier ones, all of them above the wrong ones by a margin.
 *
 * L = mean_i 1/|C| Σ_{t ∈ C} log(e^0 + Σ_{q ∈ C, q ≤ t} e^{Q_q} + Σ_{w ∈ W} e^{Q_w + ζ}) − Q_t, C the right steps, W the wrong ones (Li & Li, 2410.11287,
 * eq. 10). Where there is a wrong step, the question itself counts as one more right one, Q_0 = 0. The public code adds 1e-5 to the sum, which nothing
 * here needs. ∂L/∂Q_t is a softmax's: what Q_t has of each sum it stands in, less 1 for its own.
 *
 * @throws ShapeError when an input is not [B, S]; RangeError for ζ < 0
 * @example
 * ```ts
 * import { pqmLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * const row = (...numbers: number[]) => tf.tensor2d([numbers]);
 * pqmLoss({ logits: row(0, 0), labels: row(1, 0), mask: row(1, 1) }, { margin: 0 }).dataSync()[0]!.toFixed(4); // => '0.8959'
 * ```
 */
export const pqmLoss: Loss<PqmInputs, PqmOptions> = defineLoss(
  {
    name: 'pqmLoss',
    family: 'verifiers',
    source: 'PQM, 2410.11287, eq. 10',
    inputs: {
      logits: { shape: 'B S', kind: 'logps', trained: true },
      labels: { shape: 'B S', kind: 'labels' },
      mask: { shape: 'B S', kind: 'mask' },
    },
    options: { margin: is.notNegative(4, 'zeta') },
    golden: [],
  },
  (x, { margin, normalizer }) => {
    const right = select(x.mask, positive(x.labels), 0);
    const wrong = select(x.mask, term(1).minus(positive(x.labels)), 0);
    const question = softplusOfAll(wrong, x.logits.plus(margin));
    const others = logSums(right, x.logits).minus(question);
    const ranked = softplus(others).plus(question).minus(x.logits);
    const terms = rowSum(select(right, ranked, 0)).plus(question);
    const counted = rowCount(right).plus(positive(rowCount(wrong)));
    return sum(terms.over(atLeastOne(counted))).times(slotWeights(x.mask, 'sum', normalizer));
  },
);

/** log(1 + Σ e^{x_t}) over the marked slots of each row; 0 where there is none. */
function softplusOfAll(marked: Term, x: Term): Term {
  const last = marked.minus(nextValid(marked, as(term(1), marked.shape)));
  return rowSum(select(last, softplus(logSums(marked, x)), 0));
}
