import { endsOutside, protectedSpans } from './blocks.ts';
import { cutAt, join, type StepFormat, trailingNewlines } from './format.ts';

const BLANK_LINES = /(?:\r?\n){2,}/g;
const MARKER = 'Final Answer:';

/**
 * DVO's format (2502.13723, section 5.1): steps are separated by blank lines, and the last one contains "Final Answer:".
 * A run of three or more newlines belongs to the step before it.
 *
 * @example
 * ```ts
 * import { blankLineFormat } from '@svo/mdp';
 * blankLineFormat.split('2 + 3 = 5\n\nFinal Answer: 5'); // => ['2 + 3 = 5\n\n', 'Final Answer: 5']
 * blankLineFormat.answer('2 + 3 = 5\n\nFinal Answer: 5'); // => '5'
 * ```
 */
export const blankLineFormat: StepFormat = {
  id: 'blank-line',
  delimiter: '\n\n',
  stop: ['\n\n'],
  split: (text) => cutAt(text, endsOutside(text, BLANK_LINES, protectedSpans(text))),
  join,
  isTerminal: (step) => step.includes(MARKER),
  answer: (text) => {
    const at = text.lastIndexOf(MARKER);
    if (at === -1) return undefined;
    const rest = text.slice(at + MARKER.length).trim();
    const [first = ''] = blankLineFormat.split(rest);
    return first.trim() || undefined;
  },
  delimiterLength: (step) => trailingNewlines(step, 2),
};
