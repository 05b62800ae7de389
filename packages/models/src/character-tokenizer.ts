/** A tokenizer with one token a character, as a tokenizer.json that transformers reads too. */
import { type Tokenizer, tokenizerFromJson } from './tokenizer.ts';

const special = { pad: '<pad>', bos: '<bos>', eos: '<eos>', unknown: '<unk>' } as const;

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
 * One token a character: for small models on synthetic tasks. Ids 0–3 are `<pad>`, `<bos>`, `<eos>` and `<unk>`, the
 * characters follow in the order given, repeated ones once.
 *
 * @param characters the alphabet; a character is a code point
 * @throws RangeError when the alphabet is empty
 * @example
 * ```ts
 * import { characterTokenizer } from '@svo/models';
 * const tokenizer = characterTokenizer('0123456789');
 * tokenizer.encode('10'); // => [5, 4]
 * tokenizer.eosId; // => 2
 * ```
 */
export const characterTokenizer = (characters: string): Tokenizer => {
  if (characters === '')
    throw new RangeError('characterTokenizer: characters must hold at least one character, got an empty string');
  const tokens = [...new Set([...Object.values(special), ...characters])];
  return tokenizerFromJson(
    {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: Object.values(special).map(addedToken),
      normalizer: null,
      pre_tokenizer: { type: 'Split', pattern: { Regex: '[\\s\\S]' }, behavior: 'Isolated', invert: false },
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
