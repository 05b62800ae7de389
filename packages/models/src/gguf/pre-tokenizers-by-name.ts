/**
 * What `tokenizer.ggml.pre` names: how a text is cut before BPE, as the tokenizer.json of the models that llama.cpp gives this name says it
 * (llama.cpp, src/llama-vocab.cpp, and the regexes of the released files).
 */

/** The parts of a tokenizer.json that a name stands for. */
export interface NamedPreTokenizer {
  readonly normalizer: object | null;
  readonly pre_tokenizer: object;
  /** A piece that is a token is that token, whatever merges would make of it. */
  readonly ignoreMerges: boolean;
  /** Where metadata does not say whether a text begins with bos. */
  readonly addBos: boolean;
}

const byteLevel = (regex: boolean): object => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: regex,
});

const sequence = (...pretokenizers: object[]): object => ({ type: 'Sequence', pretokenizers });

const split = (regex: string): object =>
  sequence({ type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false }, byteLevel(false));

const plain = { normalizer: null, ignoreMerges: false, addBos: false };

const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
/** Words, numbers of so many digits at most, marks with the line ends behind them, line ends, spaces. */
const words = (digits: string): string =>
  `${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;
const [upper, lower] = ['[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]', '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]'];
/** Words cut where capitals begin. */
const cased = (ending: string, digits: string): string =>
  `[^\\r\\n\\p{L}\\p{N}]?${upper}*${lower}+${ending}|[^\\r\\n\\p{L}\\p{N}]?${upper}+${lower}*${ending}|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

const gpt2: NamedPreTokenizer = { ...plain, pre_tokenizer: byteLevel(true) };
const digitsApart: NamedPreTokenizer = {
  ...plain,
  pre_tokenizer: sequence({ type: 'Digits', individual_digits: true }, byteLevel(true)),
};
const llama3: NamedPreTokenizer = {
  ...plain,
  pre_tokenizer: split(words('\\p{N}{1,3}')),
  ignoreMerges: true,
  addBos: true,
};
const qwen2: NamedPreTokenizer = { ...plain, normalizer: { type: 'NFC' }, pre_tokenizer: split(words('\\p{N}')) };

/** By name. Of several names for one pre-tokenizer the first is the one that is written. */
export const preTokenizersByName: Readonly<Record<string, NamedPreTokenizer>> = {
  'gpt-2': gpt2,
  olmo: gpt2,
  mpt: gpt2,
  'phi-2': gpt2,
  smollm: digitsApart,
  starcoder: digitsApart,
  refact: digitsApart,
  'command-r': digitsApart,
  'llama-bpe': llama3,
  'llama-v3': llama3,
  llama3,
  falcon3: llama3,
  pixtral: llama3,
  lfm2: llama3,
  dbrx: { ...llama3, ignoreMerges: false, addBos: false },
  'smaug-bpe': { ...llama3, ignoreMerges: false, addBos: false },
  qwen2,
  'deepseek-r1-qwen': qwen2,
  tekken: { ...plain, pre_tokenizer: split(cased('', '\\p{N}')), ignoreMerges: true, addBos: true },
  'gpt-4o': { ...plain, pre_tokenizer: split(cased(`${contractions}?`, '\\p{N}{1,3}')) },
};
