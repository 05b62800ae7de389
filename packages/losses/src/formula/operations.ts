/** The functions of formulas. Conditions are 1 or 0; masks are positive where valid; masked slots may hold anything. */
import { as, elementwise, isConstant, Term, term } from './term.ts';

/** a². */
export const square = (a: Term): Term => elementwise('square', a);

/** eᵃ. */
export const exp = (a: Term): Term => elementwise('exp', a);

/** eᵃ − 1, to full accuracy also where a is small. */
export const expm1 = (a: Term): Term => elementwise('expm1', a);

/** eᵃ − 1 − a ≥ 0, likewise. */
export const expExcess = (a: Term): Term => elementwise('expExcess', a);

/** eᵃ − eᵇ, 0 where they are equal however large, to full accuracy where they are close. */
export const expDifference = (a: Term, b: Term): Term => elementwise('expDifference', a, b);

/** log(1 + eᵃ) = −log σ(−a), stable. */
export const softplus = (a: Term): Term => elementwise('softplus', a);

/** σ(a) = 1/(1 + e⁻ᵃ), stable; write 1 − σ(a) as σ(−a). */
export const sigmoid = (a: Term): Term => elementwise('sigmoid', a);

/** max(a, 0); NaN stays. */
export const relu = (a: Term): Term => elementwise('relu', a);

/** min(a, limit); NaN stays. */
export const atMost = (a: Term, limit: number): Term => new Term('atMost', a.shape, [a], { number: limit });

/** max(a, limit); NaN stays. */
export const atLeast = (a: Term, limit: number): Term => atMost(a.negated(), -limit).negated();

/** max(a, b); NaN stays. */
export const maximum = (a: Term, b: Term): Term => a.plus(relu(b.minus(a)));

/** 1 where a > 0, 0 elsewhere; NaN stays. */
export const positive = (a: Term): Term => elementwise('positive', a);

/** 1 where a = b, 0 elsewhere. */
export const equal = (a: Term, b: Term | number): Term => elementwise('equal', a, term(b));

/** a where the condition is positive, else b, whatever the other holds. */
export const select = (condition: Term, a: Term | number, b: Term | number): Term =>
  elementwise('select', condition, term(a), term(b));

/** a − b where the mask is positive, 0 elsewhere. */
export const difference = (mask: Term, a: Term | number, b: Term): Term => elementwise('difference', mask, term(a), b);

/** sg[a]: the number, without gradient. */
export const stop = (a: Term): Term => new Term('stop', a.shape, [a]);

/** Σ over everything: a scalar. */
export const sum = (a: Term): Term => (a.shape === '' ? a : new Term('sum', '', [a]));

/** Σ over each row: [R, C] → [R]. */
export const rowSum = (a: Term): Term => new Term('rowSum', rowOf(a), [a]);

/** How many slots of each row are valid: [R, C] → [R]. */
export const rowCount = (mask: Term): Term => new Term('rowCount', rowOf(mask), [mask]);

/** G_t = x_t + decay · G_{next valid t}, 0 after the last, along each row; 0 in masked slots. */
export const returns = (mask: Term, x: Term, decay = 1): Term => along('returns', mask, x, decay);

/** The same the other way: H_t = x_t + decay · H_{previous valid t}. */
export const discounted = (mask: Term, x: Term, decay = 1): Term => along('discounted', mask, x, decay);

/** What the next valid slot of the row holds, 0 when there is none; 0 in masked slots. */
export const nextValid = (mask: Term, x: Term): Term => along('nextValid', mask, x);

/** What the previous valid slot of the row holds, 0 when there is none; 0 in masked slots. */
export const previousValid = (mask: Term, x: Term): Term => along('previousValid', mask, x);

/** At each slot with a positive `starts`, Σ x from it to before the next one; 0 elsewhere. */
export const segmentSum = (starts: Term, x: Term): Term => along('segmentSum', starts, x);

/** What the latest slot with a positive `starts` holds, up to and including this one; 0 before the first. */
export const carryForward = (starts: Term, x: Term): Term => along('carryForward', starts, x);

/** log Σ_{valid k ≤ t} e^{x_k} at each valid t, without overflow; 0 in masked slots. */
export const logSums = (mask: Term, x: Term): Term => along('logSums', mask, x);

/** What a gradient on `logSums` is on x: Σ_{valid k ≥ t} g_k e^{x_t − y_k}, y = `logSums`, no exponent above 0; 0 in masked slots. */
export const logSumSlopes = (mask: Term, x: Term, g: Term): Term =>
  new Term('logSumSlopes', mask.shape, [mask, as(x, mask.shape), as(g, mask.shape)]);

/** gradient · slope, and 0 where the gradient is, though the slope be ∞: how the chain rule passes an exponential. */
export const through = (gradient: Term, slope: Term): Term =>
  isConstant(gradient, 0) ? gradient : elementwise('through', gradient, slope);

function along(
  operation: 'returns' | 'discounted' | 'nextValid' | 'previousValid' | 'segmentSum' | 'carryForward' | 'logSums',
  mask: Term,
  x: Term,
  decay?: number,
): Term {
  return new Term(operation, mask.shape, [mask, as(x, mask.shape)], decay === undefined ? {} : { number: decay });
}

function rowOf(matrix: Term): string {
  const [rows, columns] = matrix.shape.split(' ');
  if (columns === undefined) throw new TypeError(`formula: a matrix has rows, [${matrix.shape}] has none`);
  return rows!;
}
