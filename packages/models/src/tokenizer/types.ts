/** What a tokenizer is, and the two files it is made from. */

/** Text to token ids and back. A plain record of functions; everything the policy and the data side need. */
export interface Tokenizer {
  /** Token ids of a text, without special tokens unless asked for, so that pieces of one text may be encoded apart. */
  readonly encode: (text: string, options?: { readonly addSpecialTokens?: boolean }) => number[];
  /**
   * The ids of `encode` with the part of the text that each stands for, [start, end) in UTF-16 code units. What stands for no
   * text (a space put in front) is empty; the bytes of one character share its place.
   */
  readonly encodeWithOffsets: (text: string) => {
    readonly ids: number[];
    readonly offsets: readonly (readonly [start: number, end: number])[];
  };
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
  /** Ends an assistant's turn of the chat template (`<|im_end|>`), where that is a token. */
  readonly turnEndId?: number;
  /**
   * Every token at which a text ends: `eosId`, `turnEndId`, and in a model's folder those of generation_config.json.
   * Generation stops at any of them.
   */
  readonly endIds: readonly number[];
  /** Fills short rows; where the tokenizer has none, the end of sequence, or 0. */
  readonly padId: number;
  /** The two files it was made from, for saving beside a model. */
  readonly files: { readonly tokenizer: TokenizerJson; readonly config: TokenizerConfig };
}

/** tokenizer.json, parsed. */
export type TokenizerJson = Readonly<Record<string, unknown>>;

/** tokenizer_config.json, parsed: the names of the special tokens and the chat template. */
export type TokenizerConfig = Readonly<Record<string, unknown>>;
