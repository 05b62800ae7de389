import { equal, positive, rowCount, sum } from '../formula/operations.ts';
import { type Term, term } from '../formula/term.ts';

/**
 * How a masked loss averages. `'row'`: the mean over a row's valid slots, then the mean over rows that have any, so a long
 * trajectory counts as much as a short one. `'flat'`: one mean over all valid slots. `'sum'`: the sum over a row's valid slots, then
 * the mean over rows that have any.
 */
export type Reduction = 'row' | 'flat' | 'sum';

/**
 * What each slot's term is multiplied with, so that the loss is their sum: one number a row [R] for `'row'`, one for all otherwise. 0
 * for rows without valid slots, and nowhere 0/0. The terms of masked slots must be 0 already.
 *
 * @param mask - [R, C], positive where valid
 * @param normalizer - rows ('row', 'sum') or slots ('flat') of the whole window; by default those of this batch
 */
export function slotWeights(mask: Term, reduction: Reduction, normalizer?: Term): Term {
  const counts = rowCount(mask);
  const divisor = normalizer ?? atLeastOne(sum(reduction === 'flat' ? counts : positive(counts)));
  const share = term(1).over(divisor);
  return reduction === 'row' ? share.over(atLeastOne(counts)) : share;
}

/** Σ of the slots' terms, each with its weight. */
export function average(
  terms: Term,
  mask: Term,
  options: { readonly reduction: Reduction; readonly normalizer: Term | undefined },
): Term {
  return sum(terms.times(slotWeights(mask, options.reduction, options.normalizer)));
}

/** Counts, an empty one counted as one. */
function atLeastOne(count: Term): Term {
  return count.plus(equal(count, 0));
}
