import type { Judged } from './judged.ts';

/** 1 where a solution ended right. */
export const outcomeOf = ({ reward }: Judged): number => Number(reward > 0);

/** What is known of the state after each step, in ±1: its value, else its label, else how the solution ended. The last one is the outcome. */
export function valuesOf({ steps, values, labels, reward }: Judged): number[] {
  const last = steps.length - 1;
  const outcome = reward > 0 ? 1 : -1;
  return steps.map((_, t) => {
    if (t === last) return outcome;
    return values.length > 0 ? values[t + 1]! : labels === undefined ? outcome : labels[t] ? 1 : -1;
  });
}

/** Whether each step is right: its label, else whether any right answer was found behind it, which a value above −1 says. */
export const rightSteps = (row: Judged): boolean[] => {
  const { labels } = row;
  return labels === undefined ? valuesOf(row).map((value) => value > -1) : [...labels];
};
