/** A tokenizer with one token a word of a fixed list, as a tokenizer.json that transformers reads too. */
import { assertOptions } from '@svo/mdp';
import { tokenizerFromJson } from './tokenizer.ts';
import type { Tokenizer } from './types.ts';

/** The four tokens that stand for no text; they have ids 0 to 3, in this order. */
export interface SpecialTokens {
  readonly pad: string;
  readonly bos: string;
  readonly eos: string;
  readonly unknown: string;
}

/** How text is cut into words, and which there are. */
export interface WordTokenizerOptions {
  /** The words, in the order of their ids from 4 on; repeated ones count once. */
  readonly words: Iterable<string>;
  /** A regular expression in Oniguruma's syntax; each of its matches is a word, and so is what lies between two. */
  readonly pattern: string;
  /** `<pad>`, `<bos>`, `<eos>` and `<unk>` by default. */
  readonly special?: SpecialTokens;
}

const usual: SpecialTokens = { pad: '<pad>', bos: '<bos>', eos: '<eos>', unknown: '<unk>' };

const addedToken = (content: string, id: number): object => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});

/**
 * One token a word: for small models on synthetic tasks, where a few phrases or pairs of digits as tokens of their own
 * make sequences short. What is in no word becomes the unknown token.
 *
 * @throws RangeError when there is no word
 * @example
 * ```ts
 * import { wordTokenizer } from '@svo/models';
 * const tokenizer = wordTokenizer({ words: ['42', '+', '7', '\n\n'], pattern: '\n\n|\\d+|.' });
 * tokenizer.encode('42+7\n\n'); // => [4, 5, 6, 7]
 * tokenizer.decode([4, 5, 6]); // => '42+7'
 * ```
 */
export const wordTokenizer = (options: WordTokenizerOptions): Tokenizer => {
  assertOptions('wordTokenizer', options, ['words', 'pattern', 'special']);
  const { words, pattern, special = usual } = options;
  const reserved = [special.pad, special.bos, special.eos, special.unknown];
  const tokens = [...new Set([...reserved, ...words])];
  if (tokens.length === reserved.length)
    throw new RangeError('wordTokenizer: words must hold at least one word, got none');
  return tokenizerFromJson(
    {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: reserved.map(addedToken),
      normalizer: null,
      pre_tokenizer: { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
      post_processor: null,
      decoder: { type: 'Fuse' },
      model: {
        type: 'WordLevel',
        vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
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
};
