import { countdown } from './countdown.ts';
import { countdownRow } from './countdown-row.ts';
import type { Task } from './task.ts';

/**
 * The 24 game (Tree of Thoughts, 2305.10601): four numbers, each used once, make 24. Rows with `numbers`, or the paper's `Puzzles`; {@link game24Rows}
 * makes them.
 *
 * @example
 * ```ts
 * import { game24 } from '@svo/recipes/tasks';
 * const { prompt, answer } = game24.read({ Puzzles: '3 3 8 8' });
 * [prompt, answer]; // => ['3 3 8 8 -> 24', '24 from 3 3 8 8']
 * game24.verifier({ id: 'q', prompt, ...(answer && { answer }) }, 'Final Answer: 8/(3-8/3)').equivalent; // => true
 * ```
 */
export const game24: Task = { ...countdown, name: 'game24', read: (row) => countdownRow(row, 24) };
