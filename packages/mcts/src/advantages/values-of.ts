import { ESTIMATED } from '../tree/status.ts';
import type { Tree } from '../tree/tree.ts';

/** V of each node: those the caller gives, or the search's own, where a node that nobody looked at has its parent's. */
export function valuesOf(caller: string, tree: Tree, given: ArrayLike<number> | undefined): ArrayLike<number> {
  if (given === undefined) return seenValues(tree);
  if (given.length !== tree.size)
    throw new RangeError(`${caller}: values must hold one a node, ${tree.size}, got ${given.length}`);
  for (let node = 0; node < tree.size; node++)
    if (!Number.isFinite(given[node]))
      throw new RangeError(`${caller}: values must be finite numbers, got ${given[node]} at node ${node}`);
  return given;
}

function seenValues(tree: Tree): Float64Array {
  const values = new Float64Array(tree.size);
  for (let node = 0; node < tree.size; node++) {
    const seen = tree.visits[node]! > 0 || (tree.statuses[node]! & ESTIMATED) !== 0;
    values[node] = seen ? tree.values[node]! : node === 0 ? 0 : values[tree.parents[node]!]!;
  }
  return values;
}

/** Every parent's children, with how often each was drawn. */
export function* families(tree: Tree): Generator<{ readonly children: readonly number[]; readonly draws: number[] }> {
  for (let node = 0; node < tree.size; node++) {
    const [first, count] = [tree.firstChildren[node]!, tree.childCounts[node]!];
    if (first < 0 || count === 0) continue;
    const children = Array.from({ length: count }, (_, k) => first + k);
    yield { children, draws: children.map((child) => tree.counts[child]!) };
  }
}
