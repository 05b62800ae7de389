/**
 * What this package asks of a tokenizer; `@svo/models` makes one from a `tokenizer.json`. `encode` adds no special tokens
 * of its own, `decode` gives the text back byte for byte.
 */
export interface Tokenizer {
  readonly encode: (text: string) => readonly number[];
  readonly decode: (ids: readonly number[]) => string;
  /** Fills the end of short rows; it is never scored. */
  readonly padId: number;
  /** Put in front of a prompt that doesn't begin with it; none when absent. */
  readonly bosId?: number;
  /** Put after a terminal step; none when absent. */
  readonly eosId?: number;
}
