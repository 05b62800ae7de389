/** The recorded tree of the home page: what the model tried on one question, and what became of each step. */

/** A node; its index is its name, and its parent comes before it. The root, the question, has the parent −1. */
export interface Node {
  readonly parent: number;
  readonly text: string;
  /** V of the state after the step, from −1 (always wrong) to +1 (always right). */
  readonly value: number;
  readonly visits: number;
  readonly kind: 'question' | 'plain' | 'merged' | 'other' | 'answer';
  /** Of a step: whether it is right, taken by itself. Of an answer: whether it is the question's. */
  readonly right: boolean;
}

/** A tree and how it came about. */
export interface RecordedTree {
  /** The command that repeats the run. */
  readonly command: string;
  readonly weights: number;
  /** Unseen questions right, greedily: before and after one round of DVO, each with its 95 % interval. */
  readonly before: Share;
  readonly after: Share;
  /** The solution that is shown first: wrong by a skipped step; and a right one. Node by node. */
  readonly wrong: readonly number[];
  readonly right: readonly number[];
  readonly nodes: readonly Node[];
}

export interface Share {
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
}

/** DVO's credit c = r + V(s′) − V(s) of the step into a node: as the value of an end is its reward, what the value gained. */
export const creditOf = (nodes: readonly Node[], node: number): number =>
  nodes[node]!.value - nodes[nodes[node]!.parent]!.value;

/** What else was tried where this step was taken, the step itself among it, the best first. */
export const triedBeside = (nodes: readonly Node[], node: number): number[] =>
  childrenOf(nodes, nodes[node]!.parent).sort((a, b) => nodes[b]!.value - nodes[a]!.value);

/** The steps to a node, and on from it wherever the search went most often. */
export function solutionThrough(nodes: readonly Node[], node: number): number[] {
  const path: number[] = [];
  for (let at = node; at > 0; at = nodes[at]!.parent) path.unshift(at);
  for (let next = mostVisited(nodes, node); next !== undefined; next = mostVisited(nodes, next)) path.push(next);
  return path;
}

const childrenOf = (nodes: readonly Node[], parent: number): number[] =>
  nodes.flatMap((node, i) => (node.parent === parent ? [i] : []));

const mostVisited = (nodes: readonly Node[], node: number): number | undefined =>
  childrenOf(nodes, node)
    .filter((child) => nodes[child]!.visits > 0)
    .sort((a, b) => nodes[b]!.visits - nodes[a]!.visits)[0];
