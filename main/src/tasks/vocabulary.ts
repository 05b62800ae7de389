import { type Tokenizer, wordTokenizer } from '@svo/models';

/** One token a word: whole phrases, then single characters, of which no text of the task has others. */
export interface Vocabulary {
  /** Words of more than one character, the longest first. */
  readonly phrases: readonly string[];
  readonly characters: string;
  /** Pairs of digits are one token each: any number can be written, those up to 99 are a single token. */
  readonly digitPairs: boolean;
}

/** The tokenizer of a run whose base is trained from nothing, saved with it as a tokenizer.json. */
export function tokenizerOf({ phrases, characters, digitPairs }: Vocabulary): RunTokenizer {
  const digits = Array.from({ length: 10 }, (_, digit) => String(digit));
  const pairs = digitPairs ? digits.flatMap((tens) => digits.map((units) => tens + units)) : [];
  return wordTokenizer({
    words: [...phrases, ...characters, ...pairs],
    pattern: [...phrases, ...(digitPairs ? ['\\d{1,2}'] : []), '[\\s\\S]'].join('|'),
    special: { pad: '<pad>', bos: '<s>', eos: '</s>', unknown: '<unk>' },
  }) as RunTokenizer;
}

/** A tokenizer with the special tokens that a run needs. */
export type RunTokenizer = Tokenizer & { readonly padId: number; readonly bosId: number; readonly eosId: number };
