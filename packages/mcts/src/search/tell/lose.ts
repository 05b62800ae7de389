import type { Rules } from '../../rules/rules.ts';
import { addTo, type Tree, type Usage } from '../../tree/tree.ts';
import { type Child, expand, release } from './expand.ts';

/** How often a leaf is asked before it is given up: the policy's own retries come before each. */
const MOST_ASKS = 3;

/** Whether all that came for a leaf are draws that count for nothing. */
export function isAllLost(rules: Rules, children: readonly Child[]): boolean {
  return rules.rewards.lost === null && children.every(({ outcome }) => outcome === 'lost');
}

/**
 * Takes an answer all of whose draws were lost. The leaf is open again, and will be asked with the seed it had; when that
 * has come to nothing {@link MOST_ASKS} times it is closed, with the lost draws below it: no visit, no value, not even the
 * leaf's own, and no iteration taken. A search whose server went away ends, and nothing in it looks like a wrong answer.
 */
export function lose(tree: Tree, rules: Rules, leaf: number, children: readonly Child[], spent: Usage): void {
  const times = (tree.lostAnswers.get(leaf) ?? 0) + 1;
  tree.lostAnswers.set(leaf, times);
  if (times < MOST_ASKS) {
    release(tree, leaf);
    addTo(tree.usage, spent);
    return;
  }
  expand(tree, { ...rules, leafVisit: false }, leaf, children, spent);
  tree.iterations--;
}
