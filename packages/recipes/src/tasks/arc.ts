import { blankLineFormat } from '@svo/mdp';
import { choiceVerifier } from '@svo/verify';
import { choiceRow } from './choice-row.ts';
import { choiceTemplate } from './choice-template.ts';
import type { Task } from './task.ts';

/**
 * ARC (1803.05457), school science, easy and challenge. Rows of `allenai/ai2_arc`, or AI2's JSON lines; some number their options.
 *
 * @example
 * ```ts
 * import { arc } from '@svo/recipes/tasks';
 * const { id, prompt, answer } = arc.read({ id: 'a1', question: 'The sun is', choices: { text: ['a star', 'a moon'], label: ['1', '2'] }, answerKey: '1' });
 * [id, prompt, answer]; // => ['a1', 'The sun is\n(A) a star\n(B) a moon', 'A']
 * arc.verifier({ id: 'a1', prompt, ...(answer && { answer }) }, 'Final Answer: A').equivalent; // => true
 * ```
 */
export const arc: Task = {
  name: 'arc',
  read: choiceRow,
  template: choiceTemplate,
  format: blankLineFormat,
  verifier: choiceVerifier,
};
