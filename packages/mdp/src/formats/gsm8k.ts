import { endsOutside, protectedSpans } from './blocks.ts';
import { cutAt, join, type StepFormat, trailingNewlines } from './format.ts';

const NEWLINES = /(?:\r?\n)+/g;
const ANSWER = /^[ \t]*####/m;

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
  id: 'gsm8k',
  delimiter: '\n',
  stop: ['\n'],
  split: (text) => cutAt(text, endsOutside(text, NEWLINES, protectedSpans(text))),
  join,
  isTerminal: (step) => ANSWER.test(step),
  answer: (text) => {
    const at = text.lastIndexOf('####');
    if (at === -1) return undefined;
    const [line = ''] = text.slice(at + 4).split('\n', 1);
    return line.trim() || undefined;
  },
  delimiterLength: (step) => trailingNewlines(step, 1),
};
