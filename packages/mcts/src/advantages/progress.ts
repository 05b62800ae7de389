import { assertCounts, assertOptions } from '@svo/mdp';
import type { Tree } from '../tree/tree.ts';
import { valuesOf } from './values-of.ts';

/** Settings of {@link progressAdvantages}. */
export interface ProgressAdvantagesOptions {
  /** K, how many draws the prover has: 4. */
  readonly attempts?: number;
  /** V of every node [N]: the search's own by default. */
  readonly values?: ArrayLike<number>;
  /** What the rewards of a right and of a wrong response are, so that values become probabilities: `{ correct: 1, wrong: -1 }`. */
  readonly rewards?: { readonly correct: number; readonly wrong: number };
}

/**
 * Progress under a prover that takes the best of K draws: A(s → s′) = p_K(s′) − p_K(s), p_K(s) = 1 − (1 − p(s))^K, p(s) the probability that
 * a response through s is right (PAV, Setlur et al., 2410.08146). A step that makes a likely success
 * surer counts for little, one that makes an unlikely one possible for much.
 *
 * The paper trains the policy on Q + α·A, α from 3 to 5: p of the node, plus α times this.
 *
 * @returns [N]; 0 for the root
 * @throws RangeError when K is not a positive integer, when a value is not between the two rewards, or an option is unknown
 * @example
 * ```ts
 * import type { Verifier } from '@svo/mdp';
 * import { prefixTree, progressAdvantages } from '@svo/mcts';
 * const verifier: Verifier = ({ answer }, response) => ({ equivalent: response.endsWith(answer!), how: 'test' });
 * const drawn = (...steps: string[]) => ({ steps, finished: true });
 * const tree = prefixTree({ id: 'q', prompt: '1+2=?', answer: '3' }, [drawn('3'), drawn('4')], { verifier, shrink: false });
 * [...progressAdvantages(tree, { attempts: 2 })]; // => [0, 0.25, -0.75]
 * ```
 */
export function progressAdvantages(tree: Tree, options: ProgressAdvantagesOptions = {}): Float64Array {
  assertOptions('progressAdvantages', options, ['attempts', 'values', 'rewards']);
  const { attempts = 4, rewards: { correct, wrong } = { correct: 1, wrong: -1 } } = options;
  assertCounts('progressAdvantages', { attempts });
  const values = valuesOf('progressAdvantages', tree, options.values);
  const best = Float64Array.from({ length: tree.size }, (_, node) => {
    const p = (values[node]! - wrong) / (correct - wrong);
    if (!(p >= 0 && p <= 1))
      throw new RangeError(
        `progressAdvantages: values must be in [${wrong}, ${correct}], got ${values[node]} at node ${node} (say with \`rewards\` what a right and a wrong response are worth)`,
      );
    return 1 - (1 - p) ** attempts;
  });
  return best.map((p, node) => (node === 0 ? 0 : p - best[tree.parents[node]!]!));
}
