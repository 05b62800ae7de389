import {
  BLOCKED,
  CLOSED,
  CORRECT,
  EXPANDED,
  IN_FLIGHT,
  KIND,
  OPEN,
  outcomeIn,
  TERMINAL,
  UNAVAILABLE,
} from '../tree/status.ts';
import { isEmptyAt } from '../tree/texts.ts';
import { NONE, type Tree } from '../tree/tree.ts';
import type { ArrayName } from './tree-file.ts';

/** The first thing that is wrong with a tree. */
export interface TreeProblem {
  readonly array: ArrayName | 'texts';
  readonly message: string;
}

/**
 * Checks that the arrays are a tree as `ask` and `tell` leave it: parents before children (so nothing is cyclic), children
 * consecutive and each in one place, depths, marks and counts in flight as they follow from the nodes, numbers finite.
 *
 * @returns the first problem, or `undefined` for a sound tree
 */
export function treeProblem(tree: Tree): TreeProblem | undefined {
  return shapeProblem(tree) ?? numberProblem(tree) ?? markProblem(tree);
}

const shapeProblem = ({
  size,
  parents,
  firstChildren,
  childCounts,
  depths,
  statuses,
  texts,
}: Tree): TreeProblem | undefined => {
  if (parents[0] !== NONE) return { array: 'parents', message: `the root's parent must be −1, got ${parents[0]}` };
  if (depths[0] !== 0) return { array: 'depths', message: `the root's depth must be 0, got ${depths[0]}` };
  let children = 0;
  for (let node = 0; node < size; node++) {
    const parent = parents[node]!;
    const first = firstChildren[node]!;
    const count = childCounts[node]!;
    if (node > 0) {
      if (!(parent >= 0 && parent < node)) {
        return { array: 'parents', message: `node ${node} must have a parent in [0, ${node}), got ${parent}` };
      }
      if (!(node >= firstChildren[parent]! && node < firstChildren[parent]! + childCounts[parent]!)) {
        return { array: 'parents', message: `node ${node} is not among the children of its parent ${parent}` };
      }
      if (depths[node] !== depths[parent]! + 1) {
        return {
          array: 'depths',
          message: `node ${node} must be at depth ${depths[parent]! + 1}, got ${depths[node]}`,
        };
      }
      if (isEmptyAt(texts, node) && outcomeIn(statuses[node]!) === undefined) {
        return { array: 'texts', message: `node ${node} has an empty step` };
      }
    }
    const expanded = (statuses[node]! & KIND) === EXPANDED;
    if (expanded !== count > 0 || (expanded ? !(first > node && first + count <= size) : first !== NONE)) {
      return { array: 'firstChildren', message: `node ${node} can't have ${count} children from ${first}` };
    }
    children += count;
  }
  if (children !== size - 1) return { array: 'childCounts', message: `${size} nodes can't have ${children} children` };
  return undefined;
};

const numberProblem = ({ size, values, priors, counts }: Tree): TreeProblem | undefined => {
  for (let node = 0; node < size; node++) {
    if (!Number.isFinite(values[node]!)) return { array: 'values', message: `node ${node} has ${values[node]}` };
    if (!(priors[node]! >= 0 && priors[node]! < Number.POSITIVE_INFINITY)) {
      return { array: 'priors', message: `node ${node} has ${priors[node]}` };
    }
    if (counts[node] === 0) return { array: 'counts', message: `node ${node} was never drawn` };
  }
  return undefined;
};

/** What a node tells its parent: a leaf to hand out is here or below, an open one, a correct terminal. */
const [AVAILABLE_BELOW, OPEN_BELOW, SOLVED_BELOW] = [1, 2, 4] as const;
const OUTCOME = 7 << 2;

const markProblem = ({ size, parents, statuses, pending, inFlight, solutions }: Tree): TreeProblem | undefined => {
  // Bottom-up: children come after their parents, so one pass from the end sees every subtree whole.
  const out = new Uint32Array(size);
  const seen = new Uint8Array(size);
  let correct = 0;
  for (let node = size - 1; node >= 0; node--) {
    const status = statuses[node]!;
    const kind = status & KIND;
    const message = statusProblem(status, seen[node]!);
    if (message !== undefined) return { array: 'statuses', message: `node ${node} ${message}` };
    if (kind === TERMINAL && (status & OUTCOME) === CORRECT) correct++;
    const away = out[node]! + (kind === IN_FLIGHT ? 1 : 0);
    if (pending[node] !== away) {
      return { array: 'pending', message: `node ${node} must have ${away} leaves in flight, got ${pending[node]}` };
    }
    if (node > 0) {
      const parent = parents[node]!;
      if (away > 0) out[parent]! += away;
      seen[parent]! |=
        ((status & UNAVAILABLE) === 0 ? AVAILABLE_BELOW : 0) |
        ((status & CLOSED) === 0 ? OPEN_BELOW : 0) |
        ((status & OUTCOME) === CORRECT ? SOLVED_BELOW : 0);
    } else if (away !== inFlight) {
      return { array: 'pending', message: `${away} leaves are in flight, the header says ${inFlight}` };
    }
  }
  if (correct !== solutions)
    return { array: 'statuses', message: `${correct} correct terminals, the header says ${solutions}` };
  return undefined;
};

const statusProblem = (status: number, below: number): string | undefined => {
  const kind = status & KIND;
  const outcome = status & OUTCOME;
  const solved = kind === EXPANDED && (below & SOLVED_BELOW) !== 0;
  if ((kind === TERMINAL) !== (outcome !== 0) && !solved) return 'has an outcome that does not fit what it is';
  if (kind === EXPANDED && outcome !== (solved ? CORRECT : 0)) return 'is marked solved wrongly';
  return (status & UNAVAILABLE) === marksOf(status, below) ? undefined : 'is marked exhausted or blocked wrongly';
};

/** The marks a node must have. A terminal may be closed or not, as the rules have it. */
const marksOf = (status: number, below: number): number => {
  const kind = status & KIND;
  if (kind === EXPANDED) return (below & AVAILABLE_BELOW) !== 0 ? 0 : (below & OPEN_BELOW) !== 0 ? BLOCKED : CLOSED;
  return kind === IN_FLIGHT ? BLOCKED : kind === OPEN ? 0 : status & CLOSED;
};
