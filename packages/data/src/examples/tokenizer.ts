/**
 * What this package asks of a tokenizer; `@svo/models` makes one from a `tokenizer.json`. `encode` adds no special tokens
 * of its own, `decode` gives the text back byte for byte, those of a chat template included when asked to keep them.
 */
export interface Tokenizer {
  readonly encode: (text: string) => readonly number[];
  readonly decode: (ids: readonly number[], options?: { readonly keepSpecialTokens?: boolean }) => string;
  /** Fills the end of short rows; it is never scored. */
  readonly padId: number;
  /** Put in front of a prompt that doesn't begin with it; none when absent. */
  readonly bosId?: number;
  /** Put after a terminal step; none when absent. */
  readonly eosId?: number;
}
