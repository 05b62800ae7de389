import { assertOptions } from '@svo/mdp';
import { pathTo } from '../tree/path.ts';
import { countedTerminals } from '../tree/terminals.ts';
import type { Tree } from '../tree/tree.ts';
import { leafMeans } from './leaf-means.ts';

/** The advantages of one response's steps. */
export interface TerminalAdvantages {
  /** The node where the response ends. */
  readonly terminal: number;
  /** One a step. */
  readonly advantages: readonly number[];
}

/**
 * TEMPO: GRPO's outcome signal, and at branchings what the step changed, Â_{i,t} = (r_i − mean r + V(s_{t+1}) − V(s_t)) / (std r + ε), V the
 * mean reward of the responses through a prefix (Tran et al., 2509.18314). Between branchings V does not
 * change, and there it is GRPO. Means and deviation are over the tree's responses, each as often as drawn, n − 1 in the
 * denominator. The authors' code goes token by token; where every step is one token its numbers are these.
 *
 * @param options `epsilon` 1e-6, added to the deviation
 * @returns each counted terminal that ends in a step, in node order
 * @throws RangeError when ε is not a number ≥ 0, or an option is unknown
 * @example
 * ```ts
 * import type { Verifier } from '@svo/mdp';
 * import { prefixTree, tempoAdvantages } from '@svo/mcts';
 * const verifier: Verifier = ({ answer }, response) => ({ equivalent: response.endsWith(answer!), how: 'test' });
 * const drawn = (...steps: string[]) => ({ steps, finished: true });
 * const tree = prefixTree({ id: 'q', prompt: '1+2=?', answer: '3' }, [drawn('3'), drawn('4')], { verifier });
 * tempoAdvantages(tree, { epsilon: 0 }).map(({ advantages }) => advantages[0]!.toFixed(4)); // => ['1.4142', '-1.4142']
 * ```
 */
export function tempoAdvantages(tree: Tree, options: { readonly epsilon?: number } = {}): TerminalAdvantages[] {
  assertOptions('tempoAdvantages', options, ['epsilon']);
  const { epsilon = 1e-6 } = options;
  if (!(epsilon >= 0 && Number.isFinite(epsilon)))
    throw new RangeError(`tempoAdvantages: epsilon must be a finite number ≥ 0, got ${epsilon}`);
  const values = leafMeans(tree);
  const terminals = countedTerminals(tree);
  const draws = terminals.reduce((sum, terminal) => sum + tree.counts[terminal]!, 0);
  const squares = terminals.reduce(
    (sum, terminal) => sum + tree.counts[terminal]! * (values[terminal]! - values[0]!) ** 2,
    0,
  );
  const deviation = Math.sqrt(squares / Math.max(draws - 1, 1)) + epsilon;
  return terminals.map((terminal) => {
    const path = pathTo(tree, terminal);
    const outcome = values[terminal]! - values[0]!;
    const advantages = path.slice(1).map((node, t) => {
      const signal = outcome + values[node]! - values[path[t]!]!;
      return signal === 0 ? 0 : signal / deviation;
    });
    return { terminal, advantages };
  });
}
