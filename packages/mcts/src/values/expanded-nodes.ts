import { EXPANDED, KIND } from '../tree/status.ts';
import type { Tree } from '../tree/tree.ts';

/** Nodes that were gone on from, parents before their children: the states whose values are estimates. */
export const expandedNodes = ({ size, statuses }: Tree): number[] =>
  Array.from({ length: size }, (_, node) => node).filter((node) => (statuses[node]! & KIND) === EXPANDED);
