/** A text with the model's own tokens. `logps[i]` is log p(token i | what came before); the first of a text has none. */
export interface ScoredText {
  readonly tokens: readonly string[];
  readonly tokenIds: readonly number[];
  readonly logps: readonly (number | null)[];
}

/** One continuation as an engine makes it: tokens up to the end of sequence, a stop string or the limit. */
export interface SampledText {
  readonly tokens: readonly string[];
  readonly tokenIds: readonly number[];
  readonly logps: readonly number[];
  /** The text without its stop string. */
  readonly text: string;
  readonly finishReason: 'stop' | 'length';
  /** The stop string that was met; null at the end of sequence. */
  readonly stopReason: string | null;
}

/** What the test server serves: pure functions of text and seed. */
export interface ServedModel {
  readonly name: string;
  readonly sample: (
    prompt: string,
    options: { readonly seed: number; readonly maxTokens: number; readonly stop: readonly string[] },
  ) => SampledText;
  readonly score: (text: string) => ScoredText;
  /** V(text), for the value endpoints. */
  readonly value: (text: string) => number;
}
