import { blankLineFormat } from '@svo/mdp';
import { choiceVerifier } from '@svo/verify';
import { choiceRow } from './choice-row.ts';
import { choiceTemplate } from './choice-template.ts';
import type { Task } from './task.ts';

/**
 * CommonsenseQA (1811.00937), five options. Rows of `tau/commonsense_qa`, or its JSON lines; test rows have no answer.
 *
 * @example
 * ```ts
 * import { csqa } from '@svo/recipes/tasks';
 * const { id, prompt, answer } = csqa.read({ id: 'a1', question: 'Bees make', choices: { text: ['honey', 'milk'], label: ['A', 'B'] }, answerKey: 'A' });
 * [id, prompt, answer]; // => ['a1', 'Bees make\n(A) honey\n(B) milk', 'A']
 * csqa.verifier({ id: 'a1', prompt, ...(answer && { answer }) }, 'Final Answer: A').equivalent; // => true
 * ```
 */
export const csqa: Task = {
  name: 'csqa',
  read: choiceRow,
  template: choiceTemplate,
  format: blankLineFormat,
  verifier: choiceVerifier,
};
