import { createRng, type Draw, integer, type ProposeRequest, type State, splitRng } from '@svo/mdp';
import type { Rules } from '../rules/rules.ts';
import { drawAt, unlessEmpty } from './draws.ts';
import { textAt } from './texts.ts';
import { NONE, type Tree } from './tree.ts';

/**
 * The nodes from the root to `node`, both included.
 *
 * @throws RangeError when the tree has no such node
 * @example
 * ```ts
 * import { createTree, pathTo } from '@svo/mcts';
 * pathTo(createTree({ id: 'q1', prompt: '2 + 3?' }), 0); // => [0]
 * ```
 */
export function pathTo(tree: Tree, node: number): number[] {
  requireNode('pathTo', tree, node);
  const path = new Array<number>(tree.depths[node]! + 1);
  for (let s = node, t = path.length - 1; s !== NONE; s = tree.parents[s]!) path[t--] = s;
  return path;
}

/**
 * The step into a node, delimiter included; '' for the root.
 *
 * @throws RangeError when the tree has no such node
 * @example
 * ```ts
 * import { createTree, textOf } from '@svo/mcts';
 * textOf(createTree({ id: 'q1', prompt: '2 + 3?' }), 0); // => ''
 * ```
 */
export function textOf(tree: Tree, node: number): string {
  requireNode('textOf', tree, node);
  return textAt(tree.texts, node);
}

/** What comes before the root: the question's prompt and the steps taken already. */
export function promptOf(tree: Tree): string {
  return tree.question.prompt + tree.prefix.join('');
}

/** The steps from the root to `node`. */
export function stepsTo(tree: Tree, node: number): string[] {
  const steps = new Array<string>(tree.depths[node]!);
  for (let s = node, t = steps.length; t > 0; s = tree.parents[s]!) steps[--t] = textAt(tree.texts, s);
  return steps;
}

/** The whole response up to a node: the steps before the root and those to the node, joined. */
export function responseTo(tree: Tree, node: number): string {
  let text = '';
  for (let s = node; s !== NONE; s = tree.parents[s]!) text = textAt(tree.texts, s) + text;
  return tree.prefix.join('') + text;
}

/**
 * The state a node stands for: the question's id, the steps to the node, and what was drawn for them, where it is known.
 *
 * @throws RangeError when the tree has no such node
 * @example
 * ```ts
 * import { createTree, stateOf } from '@svo/mcts';
 * stateOf(createTree({ id: 'q1', prompt: '2 + 3?' }), 0); // => { questionId: 'q1', steps: [] }
 * ```
 */
export function stateOf(tree: Tree, node: number): State {
  requireNode('stateOf', tree, node);
  const steps = [...tree.prefix, ...stepsTo(tree, node)];
  if (tree.draws === undefined && tree.prefixDraws.length === 0) return { questionId: tree.question.id, steps };
  const before = tree.prefix.map((_, at) => tree.prefixDraws[at]);
  return { questionId: tree.question.id, steps, ...unlessEmpty([...before, ...drawsTo(tree, node)]) };
}

/** What was drawn for each step from the root to `node`. */
export function drawsTo(tree: Tree, node: number): (Draw | undefined)[] {
  const draws = new Array<Draw | undefined>(tree.depths[node]!);
  for (let s = node, t = draws.length; t > 0; s = tree.parents[s]!) draws[--t] = drawAt(tree.draws, s);
  return draws;
}

/**
 * What was drawn for the step into a node: the first draw's token ids and log-probs, to the last bit. `undefined` where the
 * policy gave not both, and for the root.
 *
 * @throws RangeError when the tree has no such node
 * @example
 * ```ts
 * import type { Candidate } from '@svo/mdp';
 * import { ask, createTree, drawOf, svpoSearch, tell } from '@svo/mcts';
 * const tree = createTree({ id: 'q1', prompt: '2 + 3?' });
 * const drawn: Candidate = { text: 'First, ', tokenIds: [5338, 11], logps: [-0.25, -0.5], count: 1, finish: 'step' };
 * tell(tree, svpoSearch(), ask(tree, svpoSearch())!, [drawn]);
 * drawOf(tree, 1); // => { tokenIds: [5338, 11], logps: [-0.25, -0.5] }
 * ```
 */
export function drawOf(tree: Tree, node: number): Draw | undefined {
  requireNode('drawOf', tree, node);
  return drawAt(tree.draws, node);
}

/**
 * The request for a leaf's next steps. Its seed comes from the tree's seed, the question's id and the state, and from
 * nothing else: the same leaf draws the same candidates whenever it is asked and whatever else is in flight.
 *
 * @throws RangeError when the tree has no such node
 * @example
 * ```ts
 * import { ask, createTree, dvoSearch, requestFor } from '@svo/mcts';
 * const tree = createTree({ id: 'q1', prompt: '2 + 3?' });
 * requestFor(tree, dvoSearch(), ask(tree, dvoSearch())!).count; // => 5
 * ```
 */
export function requestFor(tree: Tree, rules: Rules, leaf: number): ProposeRequest {
  const state = stateOf(tree, leaf);
  return { question: tree.question, state, count: rules.breadth, seed: seedOf(tree, state) };
}

const seedOf = (tree: Tree, state: State): number => {
  const own = splitRng(splitRng(createRng(tree.seed), 'expand'), state.questionId);
  return integer(splitRng(own, JSON.stringify(state.steps)), 2 ** 32)[0];
};

/** Throws unless `node` is in the tree. */
export function requireNode(name: string, tree: Tree, node: number): void {
  if (!(Number.isInteger(node) && node >= 0 && node < tree.size)) {
    throw new RangeError(`${name}: node must be in [0, ${tree.size}), got ${node}`);
  }
}
