import { type Tree, toHtml, treeSummary } from '@svo/mcts';
import { escapeHtml, type Section } from '@svo/report';

/** A tree to unfold: the one that shows most. */
export function treeFrame(trees: readonly Tree[]): Section {
  const tree = interestingTree(trees);
  return {
    title: 'A tree',
    note: `${treeSummary(tree).nodes} nodes. Open a step to see what followed it; values run from −1 (wrong) to +1 (right).`,
    html: `<iframe class="tree" title="a tree of steps" srcdoc="${escapeHtml(toHtml(tree))}"></iframe>`,
  };
}

/** Right and wrong endings both, a root in doubt, and enough nodes to unfold. */
function interestingTree(trees: readonly Tree[]): Tree {
  const doubt = (tree: Tree): number => {
    const { nodes, outcomes } = treeSummary(tree);
    const both = outcomes.correct > 0 && outcomes.wrong > 0;
    return (both ? Math.abs(tree.values[0]!) : 2) + (nodes < 20 ? 1 : 0);
  };
  return trees.reduce((best, tree) => (doubt(tree) < doubt(best) ? tree : best));
}
