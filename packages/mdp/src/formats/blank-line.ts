import { customFormat } from './custom.ts';
import { type StepFormat, trailingNewlines } from './format.ts';

/**
 * DVO's format (2502.13723, section 5.1): steps are separated by blank lines, and the last one contains "Final Answer:".
 * A run of three or more newlines belongs to the step before it; the answer ends at the next blank line.
 *
 * @example
 * ```ts
 * import { blankLineFormat } from '@svo/mdp';
 * blankLineFormat.split('2 + 3 = 5\n\nFinal Answer: 5'); // => ['2 + 3 = 5\n\n', 'Final Answer: 5']
 * blankLineFormat.answer('2 + 3 = 5\n\nFinal Answer: 5'); // => '5'
 * ```
 */
export const blankLineFormat: StepFormat = {
  ...customFormat({
    id: 'blank-line',
    delimiter: '\n\n',
    after: /(?:\r?\n){2,}/,
    terminal: /Final Answer:/,
    answer: /Final Answer:\s*((?:(?!\r?\n\r?\n|Final Answer:)[\s\S])*)/,
  }),
  delimiterLength: (step) => trailingNewlines(step, 2),
};
