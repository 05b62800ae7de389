/**
 * The run's own tokenizer.json: numbers in pairs of digits, every other character by itself, and one token each for the
 * step delimiter and the words before an answer. Any number can be written; those up to 99 are a single token.
 */
import { type Tokenizer, wordTokenizer } from '@svo/models';

const phrases = ['\n\n', 'Final Answer: ', ', '];
const characters = '+-*/=;?.abcdefgh ABCDEFGHIJKLMNOPQRSTUVWXYZijklmnopqrstuvwxyz:,()\n$%';

/** Chains of computations as short token sequences: `48+24=72⏎⏎` is six tokens. */
export function chainTokenizer(): Tokenizer {
  const digits = Array.from({ length: 10 }, (_, digit) => String(digit));
  const pairs = digits.flatMap((tens) => digits.map((units) => tens + units));
  return wordTokenizer({
    words: [...phrases, ...characters, ...digits, ...pairs],
    pattern: `${phrases.join('|')}|\\d{1,2}|[\\s\\S]`,
    special: { pad: '<pad>', bos: '<s>', eos: '</s>', unknown: '<unk>' },
  });
}
