import { gsm8kFormat } from '@svo/mdp';
import { gsm8kVerifier } from '@svo/verify';
import { idOf, textOf } from './row-text.ts';
import type { Task } from './task.ts';

/**
 * GSM8K (2110.14168), school arithmetic in words. Rows of `openai/gsm8k`: `question`, and a worked `answer` that ends with `#### 72`. A step is a line.
 *
 * @throws RangeError of `read` for an answer that is text without `####`
 * @example
 * ```ts
 * import { gsm8k } from '@svo/recipes/tasks';
 * const { prompt, answer } = gsm8k.read({ question: 'How many?', answer: '1,000 and 200\n#### 1,200' });
 * [prompt, answer]; // => ['How many?', '1200']
 * gsm8k.verifier({ id: 'q', prompt, ...(answer && { answer }) }, '1000+200=1200\n#### 1200').equivalent; // => true
 * ```
 */
export const gsm8k: Task = {
  name: 'gsm8k',
  read: (row) => ({ ...idOf(row), prompt: textOf(row, 'question', 'prompt'), ...answerOf(row.answer) }),
  template: 'Reason step by step, one step a line. The last line is #### and the number.\n\n{question}\n',
  format: gsm8kFormat,
  verifier: gsm8kVerifier,
};

/** The number behind `####`, or a number by itself. */
function answerOf(given: unknown): { readonly answer?: string } {
  if (given === undefined || given === null) return {};
  const plain = String(given).replaceAll(',', '').trim();
  const number = gsm8kFormat.answer(plain) ?? (/^-?\d+(?:\.\d+)?$/.test(plain) ? plain : undefined);
  if (number === undefined)
    throw new RangeError(`the answer must end with #### and a number, got ${JSON.stringify(given).slice(0, 80)}`);
  return { answer: number };
}
