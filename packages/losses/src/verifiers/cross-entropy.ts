import { softplus } from '../formula/operations.ts';
import { type Term, term } from '../formula/term.ts';

/** −y log σ(z) − (1 − y) log σ(−z), slot by slot: the cross-entropy of a label in [0, 1] with a logit. */
export const crossEntropy = (logit: Term, label: Term): Term =>
  label.times(softplus(logit.negated())).plus(term(1).minus(label).times(softplus(logit)));
