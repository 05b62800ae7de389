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
} from './status.ts';
import type { Texts } from './texts.ts';
import { NONE, type Tree } from './tree.ts';
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
      if (isEmpty(texts, node) && outcomeIn(statuses[node]!) === undefined) {
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

const isEmpty = ({ offsets, added }: Texts, node: number): boolean =>
  node < offsets.length - 1 ? offsets[node] === offsets[node + 1] : added[node - offsets.length + 1] === '';

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

const markProblem = ({ size, parents, statuses, pending, inFlight, solutions }: Tree): TreeProblem | undefined => {
  // Bottom-up: children come after their parents, so one pass from the end sees every subtree whole.
  const out = new Uint32Array(size);
  const seen = new Uint8Array(size);
  let correct = 0;
  const [AVAILABLE_BELOW, OPEN_BELOW, SOLVED_BELOW] = [1, 2, 4];
  for (let node = size - 1; node >= 0; node--) {
    const status = statuses[node]!;
    const kind = status & KIND;
    if (kind === IN_FLIGHT) out[node]!++;
    const solved = kind === EXPANDED ? (seen[node]! & SOLVED_BELOW) !== 0 : outcomeIn(status) === 'correct';
    if (kind === TERMINAL && solved) correct++;
    const problem = (message: string): TreeProblem => ({ array: 'statuses', message: `node ${node} ${message}` });
    if ((kind === TERMINAL) !== (outcomeIn(status) !== undefined) && !(kind === EXPANDED && solved)) {
      return problem('has an outcome that does not fit what it is');
    }
    if (kind === EXPANDED && (status & (7 << 2)) !== (solved ? CORRECT : 0)) return problem('is marked solved wrongly');
    const marks = status & UNAVAILABLE;
    if (kind === EXPANDED) {
      const expected = (seen[node]! & AVAILABLE_BELOW) !== 0 ? 0 : (seen[node]! & OPEN_BELOW) !== 0 ? BLOCKED : CLOSED;
      if (marks !== expected) return problem('is marked exhausted or blocked wrongly');
    } else if (kind === IN_FLIGHT ? marks !== BLOCKED : kind === OPEN ? marks !== 0 : (marks & BLOCKED) !== 0) {
      return problem('is marked exhausted or blocked wrongly');
    }
    if (pending[node] !== out[node]) {
      return {
        array: 'pending',
        message: `node ${node} must have ${out[node]} leaves in flight, got ${pending[node]}`,
      };
    }
    if (node > 0) {
      const parent = parents[node]!;
      out[parent]! += out[node]!;
      seen[parent]! |=
        (marks === 0 ? AVAILABLE_BELOW : 0) | ((marks & CLOSED) === 0 ? OPEN_BELOW : 0) | (solved ? SOLVED_BELOW : 0);
    }
  }
  if (out[0] !== inFlight)
    return { array: 'pending', message: `${out[0]} leaves are in flight, the header says ${inFlight}` };
  if (correct !== solutions)
    return { array: 'statuses', message: `${correct} correct terminals, the header says ${solutions}` };
  return undefined;
};
