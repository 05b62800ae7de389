import { blankLineFormat } from '@svo/mdp';
import type { Task } from '../tasks/task.ts';
import type { Answered } from './draw-responses.ts';

/** Of the steps of one kind: how many there are, and which share is right (NaN-free: 0 of none). */
export interface KindCount {
  readonly steps: number;
  readonly right: number;
}

/** Steps by kind. */
export type KindCounts = Readonly<Record<'plain' | 'merged' | 'other', KindCount>>;

/** Counts the steps of answers by what they are; nothing where the task cannot tell. */
export function countKinds({ kinds }: Pick<Task, 'kinds'>, answered: readonly Answered[]): KindCounts | undefined {
  if (kinds === undefined) return undefined;
  const counts = { plain: { steps: 0, right: 0 }, merged: { steps: 0, right: 0 }, other: { steps: 0, right: 0 } };
  for (const { question, response } of answered) {
    for (const { kind, right } of kinds(question, blankLineFormat.split(response))) {
      counts[kind].steps++;
      if (right) counts[kind].right++;
    }
  }
  return counts;
}

/** The share of right ones; 0 where there is none. */
export const shareRight = ({ steps, right }: KindCount): number => (steps === 0 ? 0 : right / steps);
