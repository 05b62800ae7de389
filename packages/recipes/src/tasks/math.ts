import { boxedFormat } from '@svo/mdp';
import { mathVerifier } from '@svo/verify';
import { idOf, textOf } from './row-text.ts';
import type { Task } from './task.ts';

/**
 * MATH (2103.03874), competition problems. Rows with a `problem` and either a worked `solution` with its answer in `\boxed{}`, or the bare `answer`
 * that MATH-500 has beside it. A step is a block, the last one holds the box.
 *
 * @throws RangeError of `read` for a solution without a box
 * @example
 * ```ts
 * import { math } from '@svo/recipes/tasks';
 * const { prompt, answer } = math.read({ problem: 'Solve $2x=1$.', solution: 'So $x=\\boxed{\\frac{1}{2}}$.', level: 'Level 1' });
 * [prompt, answer]; // => ['Solve $2x=1$.', '\\frac{1}{2}']
 * math.verifier({ id: 'q', prompt, ...(answer && { answer }) }, 'x = \\boxed{0.5}').equivalent; // => true
 * ```
 */
export const math: Task = {
  name: 'math',
  read: (row) => ({ ...idOf(row), prompt: textOf(row, 'problem', 'question', 'prompt'), ...answerOf(row) }),
  template:
    '{question}\n\nReason step by step with a blank line between steps, and put the final answer within \\boxed{}.\n\n',
  format: boxedFormat,
  verifier: mathVerifier,
};

function answerOf({ answer, solution }: Readonly<Record<string, unknown>>): { readonly answer?: string } {
  if (typeof answer === 'string' || typeof answer === 'number') return { answer: String(answer) };
  if (solution === undefined || solution === null) return {};
  const boxed = boxedFormat.answer(String(solution)) ?? [...String(solution).matchAll(bareBox)].at(-1)?.[1];
  if (boxed !== undefined) return { answer: boxed };
  throw new RangeError(`the solution must hold \\boxed{…}, got ${JSON.stringify(String(solution).slice(-60))}`);
}

/** TeX boxes the next token where there is no brace: `\boxed 2`. */
const bareBox = /\\boxed\s+(\d+|[A-Za-z])/g;
