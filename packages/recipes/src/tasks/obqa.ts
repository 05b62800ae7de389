import { blankLineFormat } from '@svo/mdp';
import { choiceVerifier } from '@svo/verify';
import { choiceRow } from './choice-row.ts';
import { choiceTemplate } from './choice-template.ts';
import type { Task } from './task.ts';

/**
 * OpenBookQA (1809.02789), elementary science with a fact left out. Rows of `allenai/openbookqa`, or AI2's JSON lines.
 *
 * @example
 * ```ts
 * import { obqa } from '@svo/recipes/tasks';
 * const { id, prompt, answer } = obqa.read({ id: 'a1', question_stem: 'The sun is', choices: { text: ['a star', 'a moon'], label: ['A', 'B'] }, answerKey: 'A' });
 * [id, prompt, answer]; // => ['a1', 'The sun is\n(A) a star\n(B) a moon', 'A']
 * obqa.verifier({ id: 'a1', prompt, ...(answer && { answer }) }, 'Final Answer: A').equivalent; // => true
 * ```
 */
export const obqa: Task = {
  name: 'obqa',
  read: choiceRow,
  template: choiceTemplate,
  format: blankLineFormat,
  verifier: choiceVerifier,
};
