import { KIND, TERMINAL } from './status.ts';
import type { Tree } from './tree.ts';

/** A counted terminal with a reward above 0 is here or below. */
export const HAS_POSITIVE = 1;
/** A counted terminal with a reward of 0 or less is here or below. */
export const HAS_NEGATIVE = 2;

/**
 * SVPO's labels, by the terminals below each node [N]: bit 1 for a positive one, bit 2 for a negative one. A node with both
 * lies on a positive path; one with neither says nothing yet.
 */
export function outcomeLabels(tree: Tree): Uint8Array {
  const labels = new Uint8Array(tree.size);
  // Children come after their parents, so one pass from the end sees every subtree whole.
  for (let node = tree.size - 1; node > 0; node--) {
    if ((tree.statuses[node]! & KIND) === TERMINAL && tree.visits[node]! > 0) {
      labels[node] = tree.values[node]! > 0 ? HAS_POSITIVE : HAS_NEGATIVE;
    }
    labels[tree.parents[node]!]! |= labels[node]!;
  }
  return labels;
}
