import { blankLineFormat } from '@svo/mdp';
import { countdownVerifier } from '@svo/verify';
import { countdownRow } from './countdown-row.ts';
import type { Task } from './task.ts';

/**
 * Countdown: numbers and a target, each number used once. Rows of `Jiayi-Pan/Countdown-Tasks-3to4`: `nums` and `target`.
 *
 * @example
 * ```ts
 * import { countdown } from '@svo/recipes/tasks';
 * const { prompt, answer } = countdown.read({ nums: [25, 4, 3], target: 103 });
 * [prompt, answer]; // => ['25 4 3 -> 103', '103 from 25 4 3']
 * countdown.verifier({ id: 'q', prompt, ...(answer && { answer }) }, '25*4=100\n\nFinal Answer: 25*4+3').equivalent; // => true
 * ```
 */
export const countdown: Task = {
  name: 'countdown',
  read: (row) => countdownRow(row),
  template:
    'Make the number behind the arrow of those before it: use each exactly once, with + - * / and brackets. Write one calculation a step, a blank line between steps, and end with "Final Answer: " and the whole calculation.\n\n{question}\n\n',
  format: blankLineFormat,
  verifier: countdownVerifier,
};
