import { assertOptions } from '@svo/mdp';
import { defaults } from '../defaults.ts';
import { ESTIMATED, UNAVAILABLE } from '../tree/status.ts';
import type { Tree } from '../tree/tree.ts';
import { withRuleId } from './rule-id.ts';
import type { SelectionRule } from './rules.ts';
import { requireExploration } from './select.ts';

/**
 * PUCT on values of any scale, as MuZero has it (1911.08265, appendix B): Q is mapped to [0, 1] by the least and the
 * largest of V(s) and the visited children's Q, or by a range that is known; an unvisited child's is the least, and
 * a* = argmax_a Q̄(s,a) + (c + ln((N(s) + base + 1) / base)) · π(a|s) · √N(s) / (1 + N(s,a)).
 *
 * Visits in flight count in both N's and not in Q. Ties go to the larger prior, then to the first child.
 *
 * @param options `c` 1.25, `base` 19,652, `range` none: the least and the largest value there can be, such as [−1, 1]
 * @throws RangeError when c is negative, base is not positive, either is not finite, or the range is no range
 * @example
 * ```ts
 * import { normalizedPuct } from '@svo/mcts';
 * typeof normalizedPuct({ c: 1.25, base: 19_652 }); // => 'function'
 * ```
 */
export function normalizedPuct(
  options: {
    readonly c?: number;
    readonly base?: number;
    readonly range?: readonly [least: number, largest: number];
  } = {},
): SelectionRule {
  assertOptions('normalizedPuct', options, ['c', 'base', 'range']);
  const { c = defaults.exploration, base = 19_652, range } = options;
  requireExploration('normalizedPuct', c);
  if (!(base > 0 && base < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`normalizedPuct: base must be a positive finite number, got ${base}`);
  }
  if (range !== undefined && !(range[1] - range[0] > 0 && range[1] - range[0] < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`normalizedPuct: range must be [least, largest], got [${range}]`);
  }
  const select: SelectionRule = (tree, node) => {
    const { visits, values, priors, statuses, pending } = tree;
    const first = tree.firstChildren[node]!;
    const end = first + tree.childCounts[node]!;
    const [least, largest] = range ?? rangeAt(tree, node);
    const width = Math.max(largest - least, 1e-8);
    const n = visits[node]! + pending[node]!;
    const scale = Math.sqrt(n) * (c + Math.log((n + base + 1) / base));
    let best = -1;
    let bestScore = Number.NEGATIVE_INFINITY;
    for (let child = first; child < end; child++) {
      const status = statuses[child]!;
      if ((status & UNAVAILABLE) !== 0) continue;
      const seen = visits[child]! > 0 || (status & ESTIMATED) !== 0;
      const q = seen ? (values[child]! - least) / width : 0;
      const score = q + (scale * priors[child]!) / (1 + visits[child]! + pending[child]!);
      if (score > bestScore || (score === bestScore && priors[child]! > priors[best]!)) {
        best = child;
        bestScore = score;
      }
    }
    return best;
  };
  return withRuleId(select, `normalizedPuct(c=${c}, base=${base}, range=${range ?? 'none'})`);
}

/** The least and the largest of V(s) and the Q of the children that have one. */
const rangeAt = ({ visits, values, statuses, firstChildren, childCounts }: Tree, node: number): [number, number] => {
  const first = firstChildren[node]!;
  const end = first + childCounts[node]!;
  let least = values[node]!;
  let largest = values[node]!;
  for (let child = first; child < end; child++) {
    if (visits[child] === 0 && (statuses[child]! & ESTIMATED) === 0) continue;
    least = Math.min(least, values[child]!);
    largest = Math.max(largest, values[child]!);
  }
  return [least, largest];
};
