import {
  assertOptions,
  type Candidate,
  type Draw,
  type Failure,
  type Question,
  type Step,
  type Verifier,
} from '@svo/mdp';
import { dvoSearch } from '../rules/presets.ts';
import { uniformPrior } from '../rules/prior.ts';
import { ask } from '../search/ask/ask.ts';
import { tell } from '../search/tell/tell.ts';
import { stateOf } from '../tree/path.ts';
import { createTree, MOST_CHILDREN, MOST_DEPTH, type Tree } from '../tree/tree.ts';
import { expandedNodes } from './expanded-nodes.ts';

/** A whole response as it was drawn, cut into steps. */
export interface DrawnResponse {
  readonly steps: readonly Step[];
  /** Whether the model ended it; one that ran out of tokens is cut, and worth what the rules say of that. */
  readonly finished: boolean;
  /** What was drawn for each step, where it is known (`stepDraws` of `@svo/models`): kept with the tree's nodes. */
  readonly draws?: readonly (Draw | undefined)[];
  /** What ended it behind its steps, where something did: the model's own failure counts as wrong, a server's for nothing. */
  readonly failure?: Failure;
}

/** How given responses become values. */
export interface PrefixTreeOptions {
  /** Judges whole responses. */
  readonly verifier: Verifier;
  /**
   * Whether a state's mean is drawn towards its parent's value by one pseudo-draw, V(s) = (Σ outcomes + V(parent)) / (n + 1)
   * (default): a state seen once would otherwise be as sure as one seen a hundred times. False: the mean alone.
   */
  readonly shrink?: boolean;
}

/**
 * Values from independent draws that are there already ({@link prefixValues} draws them too): responses that begin with the same steps share those states, and a state is worth the mean
 * outcome of the responses that went through it. What search estimates by choosing where to look, this estimates by
 * counting; the tree it gives is read by `sampleTrajectories` and `extractPairs` like any other.
 *
 * @param responses whole responses of one policy, duplicates included
 * @throws RangeError when there is no response, or one has no step
 * @example
 * ```ts
 * import type { Verifier } from '@svo/mdp';
 * import { prefixTree } from '@svo/mcts';
 * const verifier: Verifier = ({ answer }, response) => ({ equivalent: response.endsWith(answer!), how: 'test' });
 * const drawn = (...steps: string[]) => ({ steps, finished: true });
 * const tree = prefixTree({ id: 'q', prompt: '1+1+1=?', answer: '3' },
 *   [drawn('1+1=2\n\n', '3'), drawn('1+1=2\n\n', '4'), drawn('5')], { verifier, shrink: false });
 * [tree.values[0]!.toFixed(2), tree.values[1]]; // => ['-0.33', 0]
 * ```
 */
export function prefixTree(question: Question, responses: readonly DrawnResponse[], options: PrefixTreeOptions): Tree {
  assertOptions('prefixTree', options, ['verifier', 'shrink']);
  const { verifier, shrink = true } = options;
  if (responses.length === 0) throw new RangeError('prefixTree: responses must hold at least one, got none');
  if (responses.some(({ steps, failure }) => steps.length === 0 && failure === undefined))
    throw new RangeError(
      "prefixTree: every response must have at least one step or a failure, got one without (leave an empty answer out, or give it failure: { kind: 'unparsable', message: 'empty' } to count it as wrong)",
    );
  const tree = createTree(question);
  const rules = {
    ...dvoSearch({ verifier, prior: uniformPrior, breadth: MOST_CHILDREN, depth: MOST_DEPTH, stop: () => false }),
    stop: () => false,
  };
  const byPrefix = nextSteps(responses);
  for (let leaf = ask(tree, rules); leaf !== undefined; leaf = ask(tree, rules))
    tell(tree, rules, leaf, byPrefix.get(JSON.stringify(stateOf(tree, leaf).steps))!);
  if (shrink) shrinkToParents(tree);
  return tree;
}

/** For each prefix that goes on: the next steps of the responses that share it, one candidate a draw. */
function nextSteps(responses: readonly DrawnResponse[]): Map<string, Candidate[]> {
  const byPrefix = new Map<string, Candidate[]>();
  const add = (before: readonly Step[], candidate: Candidate): void => {
    const key = JSON.stringify(before);
    const known = byPrefix.get(key);
    if (known === undefined) byPrefix.set(key, [candidate]);
    else known.push(candidate);
  };
  for (const { steps, finished, draws, failure } of responses) {
    steps.forEach((text, t) => {
      const last = t === steps.length - 1 && failure === undefined;
      add(steps.slice(0, t), {
        text,
        count: 1,
        finish: !last ? 'step' : finished ? 'answer' : 'length',
        ...draws?.[t],
      });
    });
    if (failure !== undefined) add(steps, { text: '', count: 1, finish: 'error', failure });
  }
  return byPrefix;
}

/** Top down, since a parent has a smaller number than its children; terminals keep their outcome. */
function shrinkToParents(tree: Tree): void {
  const { parents, visits, values } = tree;
  for (const node of expandedNodes(tree)) {
    const above = node === 0 ? 0 : values[parents[node]!]!;
    values[node] = (visits[node]! * values[node]! + above) / (visits[node]! + 1);
  }
}
