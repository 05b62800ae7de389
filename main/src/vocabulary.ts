/**
 * The run's own tokenizer.json: numbers in pairs of digits, every other character by itself, and one token each for the
 * step delimiter and the words before an answer. Any number can be written; those up to 99 are a single token.
 */
import { type Tokenizer, tokenizerFromJson } from '@svo/models';

const special = { pad: '<pad>', bos: '<s>', eos: '</s>', unknown: '<unk>' } as const;
const phrases = ['\n\n', 'Final Answer: ', ', '];
const characters = '+-*/=;?.abcdefgh ABCDEFGHIJKLMNOPQRSTUVWXYZijklmnopqrstuvwxyz:,()\n$%';

/** Chains of computations as short token sequences: `48+24=72⏎⏎` is six tokens. */
export function chainTokenizer(): Tokenizer {
  const digits = Array.from({ length: 10 }, (_, digit) => String(digit));
  const pairs = digits.flatMap((tens) => digits.map((units) => tens + units));
  const words = [...new Set([...Object.values(special), ...phrases, ...characters, ...digits, ...pairs])];
  return tokenizerFromJson(
    {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: Object.values(special).map((content, id) => addedToken(content, id)),
      normalizer: null,
      pre_tokenizer: {
        type: 'Split',
        pattern: { Regex: `${phrases.join('|')}|\\d{1,2}|[\\s\\S]` },
        behavior: 'Isolated',
        invert: false,
      },
      post_processor: null,
      decoder: { type: 'Fuse' },
      model: {
        type: 'WordLevel',
        vocab: Object.fromEntries(words.map((word, id) => [word, id])),
        unk_token: special.unknown,
      },
    },
    {
      tokenizer_class: 'PreTrainedTokenizerFast',
      pad_token: special.pad,
      bos_token: special.bos,
      eos_token: special.eos,
      unk_token: special.unknown,
      clean_up_tokenization_spaces: false,
    },
  );
}

const addedToken = (content: string, id: number): object => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});
