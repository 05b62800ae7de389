import { blankLineFormat } from './blank-line.ts';
import type { StepFormat } from './format.ts';

/**
 * The whole response as one step: for who draws responses and judges them, and looks at no step. The answer is read as in
 * `blankLineFormat`.
 *
 * @example
 * ```ts
 * import { wholeFormat } from '@svo/mdp';
 * wholeFormat.split('2 + 3 = 5\n\nFinal Answer: 5'); // => ['2 + 3 = 5\n\nFinal Answer: 5']
 * wholeFormat.stop; // => []
 * ```
 */
export const wholeFormat: StepFormat = {
  ...blankLineFormat,
  id: 'whole',
  delimiter: '',
  stop: [],
  split: (text) => (text === '' ? [] : [text]),
  isTerminal: () => true,
  delimiterLength: () => 0,
};
