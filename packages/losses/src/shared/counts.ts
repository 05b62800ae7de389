import { relu } from '../formula/operations.ts';
import { type Term, term } from '../formula/term.ts';

/** max(count, 1): the divisor of a mean that may be over nothing. */
export function atLeastOne(count: Term): Term {
  return term(1).plus(relu(count.minus(1)));
}
