import type { Step } from '../types.ts';

/**
 * How a response is cut into steps. A plain record of pure functions; change one by spreading:
 * `{ ...blankLineFormat, stop: ['\n\n', '###'] }`, or see `customFormat`.
 */
export interface StepFormat {
  /** A short name, for logs and cache keys. */
  readonly id: string;
  /** What a complete step ends with; what to put back where an engine has stripped its stop string. */
  readonly delimiter: string;
  /** Strings at which a generator should end a step. */
  readonly stop: readonly string[];
  /** Cuts a response into steps; each keeps its delimiter. `join(split(text)) === text` for every text; `''` has none. */
  readonly split: (text: string) => Step[];
  /** Concatenation. */
  readonly join: (steps: readonly Step[]) => string;
  /** Whether a step ends the trajectory. */
  readonly isTerminal: (step: Step) => boolean;
  /** The final answer stated in a response or in its last step, trimmed; `undefined` when there is none. */
  readonly answer: (text: string) => string | undefined;
  /** The length, in UTF-16 code units, of a step's trailing delimiter: 0 when the step was cut off before it. */
  readonly delimiterLength: (step: Step) => number;
}

/** Steps keep their delimiters, so joining is concatenation in every format. */
export const join = (steps: readonly Step[]): string => steps.join('');

/** The text cut at the given ends, in ascending order; what is left after the last one is the last step. */
export const cutAt = (text: string, ends: readonly number[]): Step[] => {
  const steps: Step[] = [];
  let start = 0;
  for (const end of ends) {
    if (end > start) steps.push(text.slice(start, end));
    start = Math.max(start, end);
  }
  if (start < text.length) steps.push(text.slice(start));
  return steps;
};

/** The length of the newlines (`\n` or `\r\n`) a step ends with; 0 when there are fewer than `least`. By hand: a regular
 * expression anchored at the end would try every run of newlines in the text. */
export const trailingNewlines = (step: Step, least: number): number => {
  let start = step.length;
  let count = 0;
  while (start > 0 && step[start - 1] === '\n') {
    start -= start > 1 && step[start - 2] === '\r' ? 2 : 1;
    count++;
  }
  return count >= least ? step.length - start : 0;
};
