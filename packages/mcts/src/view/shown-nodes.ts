import type { Tree } from '../tree/tree.ts';

/**
 * The nodes to draw of a tree too large to look at whole: the `most` visited first, and every parent of one that is drawn
 * (a parent has at least its child's visits). Ties go to the smaller number, which is nearer to the root.
 */
export function shownNodes(tree: Tree, most: number): ReadonlySet<number> {
  const nodes = Array.from({ length: tree.size }, (_, node) => node);
  if (tree.size <= most) return new Set(nodes);
  nodes.sort((a, b) => tree.visits[b]! - tree.visits[a]! || a - b);
  const shown = new Set<number>();
  for (const node of nodes) {
    if (shown.size >= most) break;
    for (let s = node; s >= 0 && !shown.has(s); s = tree.parents[s]!) shown.add(s);
  }
  return shown;
}

/** Throws unless `most` is a positive integer. */
export function requireMost(name: string, most: number): void {
  if (!Number.isInteger(most) || most < 1)
    throw new RangeError(`${name}: nodes must be a positive integer, got ${most}`);
}
