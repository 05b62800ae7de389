/**
 * Work is counted, not timed: a verdict depends on the input alone and is the same on every machine. One unit is roughly ten
 * nanoseconds of ordinary arithmetic, so the default budget ends a call well inside 50 ms.
 */
export interface Budget {
  left: number;
}

/** Units of work a call may spend unless told otherwise. */
export const defaultWork: number = 400_000;

/** Longest answer that is parsed, in UTF-16 units; longer ones are compared as text alone. */
export const longestAnswer: number = 6_000;

/** Deepest nesting the parser follows. */
export const deepestNesting: number = 120;

/** Largest integer that exact arithmetic keeps, in bits: enough for 2006!, small enough that a gcd stays under 10 ms. */
export const largestBits: number = 24_000;

/** Thrown inside the package when the budget is spent; caught at its border and reported as undecided. */
export const budgetSpent: Error = new Error('work budget spent');

export const createBudget = (work: number = defaultWork): Budget => ({ left: work });

/** Takes `units` from the budget or gives up. */
export function spend(budget: Budget, units: number): void {
  budget.left -= units;
  if (budget.left < 0) throw budgetSpent;
}
