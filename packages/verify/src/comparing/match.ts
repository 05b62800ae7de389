import type { Budget } from '../budget.ts';
import type { Conventions } from '../options.ts';
import type { Node } from '../reading/ast.ts';

/** What comparing two nodes gave; `equal: undefined` when nothing could be decided. */
export interface Match {
  readonly equal: boolean | undefined;
  readonly how: string;
}

/** What every comparison carries along. `same` is the dispatcher, so that kinds can compare their parts. */
export interface Context {
  readonly budget: Budget;
  readonly conventions: Conventions;
  readonly same: (gold: Node, prediction: Node, context: Context) => Match;
}

export const yes = (how: string): Match => ({ equal: true, how });
export const no = (how: string): Match => ({ equal: false, how });
export const unknown = (how: string): Match => ({ equal: undefined, how });

/** True when all are true, false when one is false, else undecided. Stops at the first false. */
export function every(how: string, matches: Iterable<Match>): Match {
  let open = false;
  for (const match of matches) {
    if (match.equal === false) return no(how);
    if (match.equal === undefined) open = true;
  }
  return open ? unknown(how) : yes(how);
}

/** True when one is true, false when all are false, else undecided. Stops at the first true. */
export function either(how: string, matches: Iterable<Match>): Match {
  let open = false;
  for (const match of matches) {
    if (match.equal === true) return match;
    if (match.equal === undefined) open = true;
  }
  return open ? unknown(how) : no(how);
}
