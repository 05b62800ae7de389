/** A tokenizer with one token a character, as a tokenizer.json that transformers reads too. */
import type { Tokenizer } from './types.ts';
import { wordTokenizer } from './word-tokenizer.ts';

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
  return wordTokenizer({ words: characters, pattern: '[\\s\\S]' });
};
