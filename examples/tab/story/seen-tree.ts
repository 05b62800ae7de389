/** A tree as it is drawn: what was written, what it is worth, and whether a step was skipped. */
import { nodeStatus, pathTo, type Tree, textOf } from '@svo/mcts';
import { stepKinds } from '../../../main/src/tasks/skipped-steps.ts';
import type { StepKind } from '../../../main/src/tasks/task.ts';

/** A node; its index is its name, and its parent comes before it. The root's parent is −1. */
export interface SeenNode {
  readonly parent: number;
  readonly text: string;
  /** V, from −1 (always wrong) to +1 (always right). */
  readonly value: number;
  readonly visits: number;
  /** How often it was drawn at its parent. */
  readonly count: number;
  readonly kind: StepKind['kind'] | 'question' | 'answer';
  /** Of a step: whether it is right, taken by itself. Of an answer: whether it is the question's. */
  readonly right: boolean;
}

export interface SeenTree {
  readonly prompt: string;
  readonly nodes: readonly SeenNode[];
}

/** What there is to see of a tree now. */
export function seenTree(tree: Tree): SeenTree {
  const nodes = Array.from({ length: tree.size }, (_, node): SeenNode => {
    const shared = {
      parent: tree.parents[node]!,
      text: node === 0 ? tree.question.prompt.trim() : textOf(tree, node).trim(),
      value: tree.values[node]!,
      visits: tree.visits[node]!,
      count: tree.counts[node]!,
    };
    if (node === 0) return { ...shared, kind: 'question', right: true };
    const { kind, outcome } = nodeStatus(tree, node);
    if (kind === 'terminal' && shared.text.startsWith('Final Answer:'))
      return { ...shared, kind: 'answer', right: outcome === 'correct' };
    const steps = pathTo(tree, node)
      .filter((n) => n !== 0)
      .map((n) => textOf(tree, n));
    return { ...shared, ...(stepKinds(tree.question, steps).at(-1) ?? { kind: 'other', right: false }) };
  });
  return { prompt: tree.question.prompt.trim(), nodes };
}
