/** tokenizer.json in and out of text, through Hugging Face's own tokenizers library. */
import { Tokenizer as Encoder } from '@huggingface/tokenizers';

/** Text to token ids and back. A plain record of functions; everything the policy and the data side need. */
export interface Tokenizer {
  /** Token ids of a text, without special tokens unless asked for, so that pieces of one text may be encoded apart. */
  readonly encode: (text: string, options?: { readonly addSpecialTokens?: boolean }) => number[];
  /** The text of ids; special tokens are left out unless asked for. */
  readonly decode: (ids: readonly number[], options?: { readonly keepSpecialTokens?: boolean }) => string;
  /**
   * The text that ids add behind something: the leading space that sentencepiece decoders drop at the start of a text
   * stays. `''` for special tokens.
   */
  readonly continuation: (ids: readonly number[]) => string;
  /** One more than the largest id. */
  readonly vocabularySize: number;
  /**
   * Put in front of a text; absent where the tokenizer has none, or has one it never puts there: its post-processor or
   * `add_bos_token` says so, as in transformers.
   */
  readonly bosId?: number;
  /** Ends a text; absent where the tokenizer has none. */
  readonly eosId?: number;
  /** Fills short rows; where the tokenizer has none, the end of sequence, or 0. */
  readonly padId: number;
  /** The two files it was made from, for saving beside a model. */
  readonly files: { readonly tokenizer: TokenizerJson; readonly config: TokenizerConfig };
}

/** tokenizer.json, parsed. */
export type TokenizerJson = Readonly<Record<string, unknown>>;

/** tokenizer_config.json, parsed: the names of the special tokens and the chat template. */
export type TokenizerConfig = Readonly<Record<string, unknown>>;

/** In tokenizer_config.json a special token is a string, or a record with the string as `content`. */
const tokenText = (entry: unknown): string | undefined => {
  const content = typeof entry === 'object' && entry !== null ? (entry as { content?: unknown }).content : entry;
  return typeof content === 'string' ? content : undefined;
};

/** A token that is text by itself; behind it a decoder keeps the leading space of what follows. */
const findAnchor = (encoder: Encoder, special: ReadonlySet<number>): number | undefined => {
  for (const id of encoder.get_vocab(false).values()) {
    if (special.has(id)) continue;
    const text = encoder.decode([id]);
    if (text.trim() !== '' && !text.includes('\uFFFD')) return id;
  }
  return undefined;
};

const specialIds = (encoder: Encoder): ReadonlySet<number> =>
  new Set([...encoder.get_added_tokens_decoder()].filter(([, token]) => token.special).map(([id]) => id));

const largestId = (encoder: Encoder): number => {
  let largest = -1;
  for (const id of encoder.get_vocab(true).values()) largest = Math.max(largest, id);
  return largest;
};

/** The library takes every added token wherever it stands; one that is only a word by itself would be encoded wrongly. */
const checkAddedTokens = ({ added_tokens: added }: TokenizerJson): void => {
  const single = Array.isArray(added) ? added.find((token) => token?.single_word === true) : undefined;
  if (single)
    throw new RangeError(
      `tokenizerFromJson: added tokens must not be single_word, got ${JSON.stringify(single.content)}`,
    );
};

/** What a word-level model makes of unknown words, where the config doesn't say. */
const unknownToken = ({ model }: TokenizerJson): { unk_token?: string } => {
  const token = (model as { unk_token?: unknown } | undefined)?.unk_token;
  return typeof token === 'string' ? { unk_token: token } : {};
};

/** Whether a text begins with bos: as the config says, else as the post-processor does, else always. */
const beginsWithBos = (encoder: Encoder, tokenizer: TokenizerJson, config: TokenizerConfig, bosId: number): boolean => {
  if (typeof config.add_bos_token === 'boolean') return config.add_bos_token;
  return !tokenizer.post_processor || encoder.encode('', { add_special_tokens: true }).ids[0] === bosId;
};

/** Never tidy spaces: text must come back as it went in. */
const plain = { skip_special_tokens: true, clean_up_tokenization_spaces: false } as const;

/**
 * A tokenizer from the parsed contents of tokenizer.json and tokenizer_config.json.
 *
 * @throws RangeError when the files are not a tokenizer the library can run, with its reason; from `encode`, for a word that
 *   is not in the vocabulary of a tokenizer without an unknown token
 * @example
 * ```ts
 * import { characterTokenizer, tokenizerFromJson } from '@svo/models';
 * const { files } = characterTokenizer('0123456789+=\n');
 * const tokenizer = tokenizerFromJson(files.tokenizer, files.config);
 * tokenizer.decode(tokenizer.encode('1+2=3\n')); // => '1+2=3\n'
 * ```
 */
export const tokenizerFromJson = (tokenizer: TokenizerJson, config: TokenizerConfig = {}): Tokenizer => {
  checkAddedTokens(tokenizer);
  let encoder: Encoder;
  try {
    encoder = new Encoder(tokenizer, { ...unknownToken(tokenizer), ...config });
  } catch (error) {
    throw new RangeError(
      `tokenizerFromJson: not a usable tokenizer.json: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const special = specialIds(encoder);
  const anchor = findAnchor(encoder, special);
  const anchored = anchor === undefined ? [] : [anchor];
  const skip = anchored.length === 0 ? 0 : encoder.decode(anchored, plain).length;
  const idOf = (key: string): number | undefined => {
    const text = tokenText(config[key]);
    return text === undefined ? undefined : encoder.token_to_id(text);
  };
  const [givenBos, eosId] = [idOf('bos_token'), idOf('eos_token')];
  const bosId = givenBos !== undefined && beginsWithBos(encoder, tokenizer, config, givenBos) ? givenBos : undefined;
  return {
    encode: (text, { addSpecialTokens = false } = {}) => {
      if (text === '' && !addSpecialTokens) return [];
      const { ids, tokens } = encoder.encode(text, { add_special_tokens: addSpecialTokens });
      const unknown = ids.indexOf(undefined as never);
      if (unknown === -1) return ids;
      throw new RangeError(
        `encode: the vocabulary must hold an unknown token to encode ${JSON.stringify(tokens[unknown])}`,
      );
    },
    decode: (ids, { keepSpecialTokens = false } = {}) =>
      ids.length === 0 ? '' : encoder.decode([...ids], { ...plain, skip_special_tokens: !keepSpecialTokens }),
    continuation: (ids) => (ids.length === 0 ? '' : encoder.decode([...anchored, ...ids], plain).slice(skip)),
    vocabularySize: largestId(encoder) + 1,
    ...(bosId !== undefined && { bosId }),
    ...(eosId !== undefined && { eosId }),
    padId: idOf('pad_token') ?? eosId ?? 0,
    files: { tokenizer, config },
  };
};
