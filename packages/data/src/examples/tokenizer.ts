/**
 * What this package asks of a tokenizer; the `Tokenizer` that `@svo/models` makes from a `tokenizer.json` is one. `encode` adds no special tokens
 * of its own, `decode` gives the text back byte for byte, those of a chat template included when asked to keep them.
 */
export interface TokenizerLike {
  readonly encode: (text: string) => readonly number[];
  readonly decode: (ids: readonly number[], options?: { readonly keepSpecialTokens?: boolean }) => string;
  /** Fills the end of short rows; it is never scored. */
  readonly padId: number;
  /** Put in front of a prompt that doesn't begin with it; none when absent. */
  readonly bosId?: number;
  /** Ends a text: put after a terminal step that no token of `endIds` ends already; none when absent. */
  readonly eosId?: number;
  /** Ends an assistant's turn of the chat template, e.g. `<|im_end|>`, where that is a token: a chat's `eosId`. */
  readonly turnEndId?: number;
  /** Every token at which generation stops: `eosId`, `turnEndId` and what else the model's files name. */
  readonly endIds?: readonly number[];
  /**
   * The ids of `encode` with the part of the text that each stands for, [start, end) in UTF-16 code units: spans for
   * tokenizers whose `decode` doesn't give the text back (SentencePiece drops a space, others lower the case). What
   * stands for no text (a space put in front) is empty; tokens that share a character share its span.
   */
  readonly encodeWithOffsets?: (text: string) => {
    readonly ids: readonly number[];
    readonly offsets: readonly (readonly [start: number, end: number])[];
  };
}
