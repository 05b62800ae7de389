import { blankLineFormat } from './blank-line.ts';
import type { StepFormat } from './format.ts';

const BOX = '\\boxed';

/** Whether the brace at `open` is a box's: spaces may stand between. */
const opensBox = (text: string, open: number): boolean => {
  let end = open;
  while (text[end - 1] === ' ') end--;
  return text.endsWith(BOX, end);
};

/**
 * The content of the last `\boxed{…}`, the outer one of nested boxes; braces balanced, escaped ones aside. A box that is
 * never closed is none. One pass over the braces.
 */
const lastBox = (text: string): string | undefined => {
  if (!text.includes(BOX)) return undefined;
  const open: number[] = [];
  let last: readonly [start: number, end: number] | undefined;
  for (let at = text.indexOf(BOX); at < text.length; at++) {
    const sign = text[at];
    if (sign === '\\') at++;
    else if (sign === '{') open.push(at);
    else if (sign === '}') {
      const start = open.pop();
      // An outer box closes after the inner one and takes its place; a later box does too.
      if (start !== undefined && opensBox(text, start)) last = [start + 1, at];
    }
  }
  return last && (text.slice(...last).trim() || undefined);
};

/**
 * Steps separated by blank lines; the trajectory ends with `\boxed{answer}`, as Qwen2.5-Math and MATH's solutions do.
 *
 * @example
 * ```ts
 * import { boxedFormat } from '@svo/mdp';
 * boxedFormat.isTerminal('So it is \\(\\boxed{\\frac{1}{2}}\\).'); // => true
 * boxedFormat.answer('So it is \\(\\boxed{\\frac{1}{2}}\\).'); // => '\\frac{1}{2}'
 * ```
 */
export const boxedFormat: StepFormat = {
  ...blankLineFormat,
  id: 'boxed',
  isTerminal: (step) => lastBox(step) !== undefined,
  answer: lastBox,
};
