/**
 * What is used of node-llama-cpp (3.22): the user makes the context and hands it in, so that nothing is imported and nothing is installed
 * for those who don't use it. Its `LlamaContext` has these shapes.
 */

/** What to tell about the token after another one. */
export interface LlamaAsk {
  readonly generateNext: {
    /** Draw the next token. */
    readonly token?: boolean;
    /** Raw logits of these tokens. */
    readonly logits?: { readonly filter: { readonly tokens: readonly never[]; readonly includeSelected: boolean } };
    /** Σ exp(logit − largest logit). */
    readonly totalLogitWeight?: boolean;
    readonly options: {
      readonly temperature: number;
      readonly minP: number;
      readonly topK: number;
      readonly topP: number;
      readonly seed?: number;
    };
  };
}

/** What came of it. */
export interface LlamaAnswer {
  readonly next: {
    readonly token?: number | null;
    readonly logits?: ReadonlyMap<number, number>;
    readonly totalLogitWeight?: number;
  };
}

/** One sequence of a context, with what it has read. Token ids are branded numbers there, `never` takes any of them. */
export interface LlamaSequence {
  readonly contextSize: number;
  readonly contextTokens: readonly number[];
  clearHistory(): Promise<void>;
  /** Forgets what is no prefix of these tokens. */
  adaptStateToTokens(tokens: never, allowShift?: boolean): Promise<void>;
  controlledEvaluate(input: never): Promise<readonly (LlamaAnswer | undefined)[]>;
}

/** A `LlamaContext` of node-llama-cpp. */
export interface LlamaContext {
  readonly totalSequences: number;
  readonly model: LlamaModel;
  getSequence(): LlamaSequence;
}

/** A `LlamaModel` of node-llama-cpp. */
export interface LlamaModel {
  readonly tokens: { readonly bos: number | null; readonly shouldPrependBosToken: boolean };
  tokenize(text: string, specialTokens: false, options?: 'trimLeadingSpace'): readonly number[];
  detokenize(tokens: never, specialTokens: false, lastTokens?: never): string;
  isEogToken(token: never): boolean;
}
