import { terminalOutcome } from './node-status.ts';
import { responseTo } from './path.ts';
import { isEmptyAt } from './texts.ts';
import type { Tree } from './tree.ts';

/**
 * Whether the step into a node is one to learn from: the model wrote it, and it is a step. A failure keeps its value in the
 * tree, but there is no text to train on.
 */
export function isStep(tree: Tree, node: number): boolean {
  return !tree.failures.has(node) && !isEmptyAt(tree.texts, node);
}

/** Terminals that were counted and end in a step, in node order. */
export function countedTerminals(tree: Tree): number[] {
  const terminals: number[] = [];
  for (let node = 1; node < tree.size; node++) {
    if (tree.visits[node]! > 0 && terminalOutcome(tree, node) !== undefined && isStep(tree, node)) terminals.push(node);
  }
  return terminals;
}

/** Mean of N(s_1) … N(s_T) on the way to a node: how much of the search went there. */
export function meanVisits(tree: Tree, node: number): number {
  let total = 0;
  for (let s = node; s > 0; s = tree.parents[s]!) total += tree.visits[s]!;
  return total / tree.depths[node]!;
}

/** Mean of V(s_0) … V(s_{T−1}) on the way to a terminal: what the search thought of it before it ended. */
export function meanValue(tree: Tree, terminal: number): number {
  let total = 0;
  for (let s = tree.parents[terminal]!; s >= 0; s = tree.parents[s]!) total += tree.values[s]!;
  return total / tree.depths[terminal]!;
}

/** The right responses of a tree, each once: what two terminals say in the same words is one solution. */
export function solutionsOf(tree: Tree): Set<string> {
  const solutions = new Set<string>();
  for (let node = 1; node < tree.size; node++) {
    if (terminalOutcome(tree, node) === 'correct') solutions.add(responseTo(tree, node).trim());
  }
  return solutions;
}
