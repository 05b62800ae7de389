import { assertOptions } from '@svo/mdp';
import { defaults } from '../defaults.ts';
import { ESTIMATED, UNAVAILABLE } from '../tree/status.ts';
import { firstPlayParent } from './first-play.ts';
import { ruleId, withRuleId } from './rule-id.ts';
import type { FirstPlay, SelectionRule } from './rules.ts';

/** Throws unless an exploration constant is usable. */
export function requireExploration(name: string, c: number): void {
  if (!(c >= 0 && c < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${name}: c must be a finite number ≥ 0, got ${c} (1.25 is SVPO's, 1.5 DVO's)`);
  }
}

/**
 * PUCT: a* = argmax_a Q(s,a) + c · π(a|s) · √N(s) / (1 + N(s,a)) (SVPO, eq. 4; DVO, section 4.4.1).
 *
 * Visits in flight count in both N's and not in Q. Ties go to the larger prior, then to the first child.
 *
 * @param options `c` 1.25 as in SVPO; `firstPlay` {@link firstPlayParent}, the value of a child never visited
 * @throws RangeError when c is negative or not finite
 * @example
 * ```ts
 * import { firstPlayZero, puct } from '@svo/mcts';
 * typeof puct({ c: 1.5, firstPlay: firstPlayZero }); // => 'function'
 * ```
 */
export function puct(options: { readonly c?: number; readonly firstPlay?: FirstPlay } = {}): SelectionRule {
  assertOptions('puct', options, ['c', 'firstPlay']);
  const { c = defaults.exploration, firstPlay = firstPlayParent } = options;
  requireExploration('puct', c);
  const first = ruleId(firstPlay);
  const select: SelectionRule = (tree, node) => {
    const { visits, values, priors, statuses, pending } = tree;
    const first = tree.firstChildren[node]!;
    const end = first + tree.childCounts[node]!;
    const scale = c * Math.sqrt(visits[node]! + pending[node]!);
    const unvisited = firstPlay(values[node]!, visits[node]!);
    let best = -1;
    let bestScore = Number.NEGATIVE_INFINITY;
    for (let child = first; child < end; child++) {
      const status = statuses[child]!;
      if ((status & UNAVAILABLE) !== 0) continue;
      const n = visits[child]!;
      const q = n > 0 || (status & ESTIMATED) !== 0 ? values[child]! : unvisited;
      const score = q + (scale * priors[child]!) / (1 + n + pending[child]!);
      if (score > bestScore || (score === bestScore && priors[child]! > priors[best]!)) {
        best = child;
        bestScore = score;
      }
    }
    return best;
  };
  return withRuleId(select, first === null ? null : `puct(c=${c}, firstPlay=${first})`);
}

/**
 * UCT: a* = argmax_a Q(s,a) + c · √(ln N(s) / N(s,a)); a child never visited comes first (Kocsis and Szepesvári 2006).
 *
 * Visits in flight count in both N's and not in Q. Unvisited children are tried by descending prior; ties go to the first.
 *
 * @param options `c` √2
 * @throws RangeError when c is negative or not finite
 * @example
 * ```ts
 * import { uct } from '@svo/mcts';
 * typeof uct({ c: 1 }); // => 'function'
 * ```
 */
export function uct(options: { readonly c?: number } = {}): SelectionRule {
  assertOptions('uct', options, ['c']);
  const { c = Math.SQRT2 } = options;
  requireExploration('uct', c);
  const select: SelectionRule = (tree, node) => {
    const { visits, values, priors, statuses, pending } = tree;
    const first = tree.firstChildren[node]!;
    const end = first + tree.childCounts[node]!;
    const logParent = Math.log(Math.max(1, visits[node]! + pending[node]!));
    let best = -1;
    let bestScore = Number.NEGATIVE_INFINITY;
    for (let child = first; child < end; child++) {
      if ((statuses[child]! & UNAVAILABLE) !== 0) continue;
      const n = visits[child]! + pending[child]!;
      const score = n === 0 ? Number.POSITIVE_INFINITY : values[child]! + c * Math.sqrt(logParent / n);
      if (best === -1 || score > bestScore || (score === bestScore && priors[child]! > priors[best]!)) {
        best = child;
        bestScore = score;
      }
    }
    return best;
  };
  return withRuleId(select, `uct(c=${c})`);
}
