import type { Arithmetic } from '@svo/tensor';

/**
 * How a masked loss averages. `'trajectory'`: the mean over a row's valid slots, then the mean over rows that have any, so a
 * long trajectory counts as much as a short one. `'step'` and `'token'`: one flat mean over all valid slots. `'rows'`: the
 * sum over a row's valid slots, then the mean over rows that have any.
 */
export type Reduction = 'trajectory' | 'step' | 'token' | 'rows';

/**
 * What each slot's term is multiplied with, so that the loss is their sum: one number a row [R] for `'trajectory'`, one for all
 * otherwise. 0 for rows without valid slots, and nowhere 0/0. The terms of masked slots must be 0 already.
 *
 * @param mask - [R, C], positive where valid
 * @param normalizer - rows (trajectory, rows) or slots (step, token) of the whole window; by default those of this batch
 */
export function slotWeights<A>(math: Arithmetic<A>, mask: A, reduction: Reduction, normalizer?: number): A {
  const counts = math.rowCount(mask);
  const flat = reduction === 'step' || reduction === 'token';
  const divisor = flat ? math.sum(counts) : math.sum(math.positive(counts));
  const share = inverse(math, divisor, normalizer);
  return reduction === 'trajectory' ? math.div(share, atLeast(math, counts)) : math.add(share, 0);
}

/** The same a slot, for the reductions of a likelihood: 0 in masked slots. */
export function tokenWeights<A>(
  math: Arithmetic<A>,
  mask: A,
  reduction: 'token' | 'sequenceMean' | 'sequenceSum',
  normalizer?: number,
): A {
  const slots = ({ token: 'token', sequenceMean: 'trajectory', sequenceSum: 'rows' } as const)[reduction];
  return math.mul(math.positive(mask), slotWeights(math, mask, slots, normalizer));
}

/** 1 / normalizer, or 1 / count with an empty count counted as one. */
function inverse<A>(math: Arithmetic<A>, count: A, normalizer?: number): A | number {
  return normalizer === undefined ? math.div(1, atLeast(math, count)) : 1 / normalizer;
}

/** Counts, an empty one counted as one. */
function atLeast<A>(math: Arithmetic<A>, count: A): A {
  return math.add(count, math.equal(count, 0));
}
