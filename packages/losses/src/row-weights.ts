import type { Arithmetic } from '@svo/tensor';

/**
 * How a masked loss averages. `'trajectory'`: the mean over a row's valid slots, then the mean over rows that have any, so a
 * long trajectory counts as much as a short one. `'step'` and `'token'`: one flat mean over all valid slots. `'rows'`: the
 * sum over a row's valid slots, then the mean over rows that have any.
 */
export type Reduction = 'trajectory' | 'step' | 'token' | 'rows';

/**
 * The weight w of every slot, such that the loss is Σ w·term: 0 in masked slots and in rows without valid ones, and
 * nowhere 0/0.
 *
 * @param valid - [R, C], 1 or 0
 * @param normalizer - rows (trajectory, rows) or slots (step, token) of the whole window; by default those of this batch
 */
export function slotWeights<A>(math: Arithmetic<A>, valid: A, reduction: Reduction, normalizer?: number): A {
  if (reduction === 'step' || reduction === 'token') return math.mul(valid, inverse(math, math.sum(valid), normalizer));
  const counts = math.rowSum(valid);
  const present = math.positive(counts);
  const share = inverse(math, math.sum(present), normalizer);
  if (reduction === 'rows') return math.mul(valid, share);
  const perSlot = math.mul(share, math.div(present, math.add(counts, math.sub(1, present))));
  return math.mul(valid, math.spread(perSlot));
}

/** 1 / normalizer, or 1 / count with an empty count counted as one. */
function inverse<A>(math: Arithmetic<A>, count: A, normalizer?: number): A | number {
  return normalizer === undefined ? math.div(1, math.add(count, math.equal(count, 0))) : 1 / normalizer;
}
