import { blankLineFormat } from '@svo/mdp';
import { choiceVerifier } from '@svo/verify';
import { asked, letter } from './choice-row.ts';
import { choiceTemplate } from './choice-template.ts';
import { idOf, textOf } from './row-text.ts';
import type { Task } from './task.ts';

/**
 * SciQ (1707.06209), the DVO paper's unseen set. Rows of `allenai/sciq`: `question`, `correct_answer`, `distractor1` to `distractor3`. Its options
 * have no order, so they are put in that of their code units: the right one's place says nothing.
 *
 * @example
 * ```ts
 * import { sciq } from '@svo/recipes/tasks';
 * const row = { question: 'What melts?', correct_answer: 'ice', distractor1: 'air', distractor2: 'steam', distractor3: 'light' };
 * sciq.read(row); // => { prompt: 'What melts?\n(A) air\n(B) ice\n(C) light\n(D) steam', answer: 'B' }
 * ```
 */
export const sciq: Task = {
  name: 'sciq',
  read: (row) => {
    const right = textOf(row, 'correct_answer');
    const others = [1, 2, 3].map((n) => textOf(row, `distractor${n}`));
    const options = [right, ...others].sort().map((text) => ({ text }));
    const answer = letter(options.findIndex(({ text }) => text === right));
    return { ...idOf(row), prompt: asked(textOf(row, 'question'), options), answer };
  },
  template: choiceTemplate,
  format: blankLineFormat,
  verifier: choiceVerifier,
};
