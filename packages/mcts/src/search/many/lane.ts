import type { Question } from '@svo/mdp';
import type { Rules } from '../../rules/rules.ts';
import type { Tree } from '../../tree/tree.ts';
import type { Answer } from '../ask/answer.ts';
import { ask, isFinished } from '../ask/ask.ts';
import { withinQuestion } from '../ask/program-error.ts';
import type { Journal } from '../journal/journal.ts';
import type { TreeRecord } from '../search-options.ts';
import { expand } from '../tell/expand.ts';
import { isAllLost, lose } from '../tell/lose.ts';
import { childrenOf } from '../tell/tell.ts';

/**
 * One tree under search with its leaves in flight. In order, answers are told in the order their leaves were asked, and
 * after each one the lane asks until it is full: the sequence of asks and tells depends on the answers alone, not on when
 * they come. Free, an answer is told when it comes.
 */
export interface Lane {
  readonly index: number;
  readonly attempt: number;
  readonly question: Question;
  readonly tree: Tree;
  readonly rules: Rules;
  /** Leaves to keep in flight. */
  readonly leaves: number;
  readonly ordered: boolean;
  /** Leaves in flight, in the order they were asked. */
  readonly queue: number[];
  /** Where asks and tells are recorded, and the lane's number there. */
  readonly journal: { readonly to: Journal; readonly lane: number } | undefined;
  /** Answers that wait for an earlier leaf's. */
  readonly early: Map<number, Answer>;
}

/** The leaves to send at the start: those that were out when a replayed lane's journal ended, then the fresh ones. */
export function startLane(lane: Lane): number[] {
  return withinQuestion('searchMany', lane.question.id, () => [...lane.queue, ...fillLane(lane)]);
}

/** Asks until the lane is full or nothing can be handed out; the new leaves. */
function fillLane(lane: Lane): number[] {
  const fresh: number[] = [];
  while (lane.queue.length < lane.leaves) {
    const before = lane.tree.iterations;
    const leaf = ask(lane.tree, lane.rules);
    if (lane.tree.iterations > before) lane.journal?.to.append({ kind: 'ask', lane: lane.journal.lane, leaf });
    if (leaf === undefined) break;
    lane.queue.push(leaf);
    fresh.push(leaf);
  }
  return fresh;
}

/** Takes an answer and refills; the new leaves. What a rule or a judge throws names the question. */
export function arriveInLane(lane: Lane, leaf: number, answer: Answer): number[] {
  return withinQuestion('searchMany', lane.question.id, () => takeAnswer(lane, leaf, answer));
}

const takeAnswer = (lane: Lane, leaf: number, answer: Answer): number[] => {
  if (!lane.ordered) {
    lane.queue.splice(lane.queue.indexOf(leaf), 1);
    tellLane(lane, leaf, answer);
    return fillLane(lane);
  }
  lane.early.set(leaf, answer);
  const fresh: number[] = [];
  for (let head = lane.queue[0]; head !== undefined; head = lane.queue[0]) {
    const next = lane.early.get(head);
    if (next === undefined) break;
    lane.early.delete(head);
    lane.queue.shift();
    tellLane(lane, head, next);
    fresh.push(...fillLane(lane));
  }
  return fresh;
};

/** `tell`, with the children it makes recorded before they are added. */
const tellLane = ({ tree, rules, journal }: Lane, leaf: number, { candidates, values }: Answer): void => {
  const { children, spent } = childrenOf(tree, rules, leaf, candidates, values);
  const lost = isAllLost(rules, children);
  journal?.to.append({ kind: lost ? 'lost' : 'tell', lane: journal.lane, leaf, children, spent });
  (lost ? lose : expand)(tree, rules, leaf, children, spent);
};

/** Whether the lane's tree is done. */
export function isLaneFinished(lane: Lane): boolean {
  return isFinished(lane.tree, lane.rules);
}

/** A finished lane's tree as `searchMany` gives it out. */
export const recordOf = ({ index, attempt, question, tree }: Lane, last: boolean): TreeRecord => ({
  kind: 'tree',
  index,
  attempt,
  last,
  question,
  tree,
});
