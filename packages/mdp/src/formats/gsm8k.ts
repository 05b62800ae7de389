import { customFormat } from './custom.ts';
import { type StepFormat, trailingNewlines } from './format.ts';

/**
 * GSM8K's format: a step a line, and the last line is `#### answer` (Cobbe et al. 2021, 2110.14168).
 *
 * @example
 * ```ts
 * import { gsm8kFormat } from '@svo/mdp';
 * gsm8kFormat.split('48/2 = <<48/2=24>>24 clips\n#### 72'); // => ['48/2 = <<48/2=24>>24 clips\n', '#### 72']
 * gsm8kFormat.answer('48+24 = 72\n#### 72'); // => '72'
 * ```
 */
export const gsm8kFormat: StepFormat = {
  ...customFormat({
    id: 'gsm8k',
    delimiter: '\n',
    after: /(?:\r?\n)+/,
    terminal: /^[ \t]*####/m,
    answer: /####([^\r\n]*)/,
  }),
  delimiterLength: (step) => trailingNewlines(step, 1),
};
