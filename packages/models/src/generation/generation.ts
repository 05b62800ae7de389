/** How to continue prompts, and what a continuation is. */
import type { Tokenizer } from '../tokenizer/types.ts';
import type { SamplingSettings } from './sampling.ts';

/** How to continue. */
export interface GenerateOptions extends SamplingSettings {
  /** The most tokens to write. */
  readonly maxTokens: number;
  /** Texts that end a continuation, which keeps them; they need a `tokenizer`. */
  readonly stop?: readonly string[];
  /** Token ids that end a continuation; by default the config's `eos_token_id` and the tokenizer's `endIds`. */
  readonly stopIds?: readonly number[];
  /** Turns ids into `text`, and prompts that are texts into ids. */
  readonly tokenizer?: Tokenizer;
  /** How many samples of each prompt; 1 by default. */
  readonly samples?: number;
  /** One seed (prompt i draws from a stream of its own), or one for each prompt. 0 by default. */
  readonly seed?: number | readonly number[];
  /** The most rows decoded together; a smaller number bounds memory and changes nothing else. 512 by default. */
  readonly batchRows?: number;
  /** The most bytes of keys and values held at a time; 512 MiB by default. */
  readonly cacheBytes?: number;
  /**
   * True (default): a row's tokens are the same bit for bit in any batch, for which batches of few rows are padded (to
   * `independentRows()` of `@svo/kernels`: 64 without its wasm kernels, with them none is needed). False: no padding.
   */
  readonly independent?: boolean;
  readonly signal?: AbortSignal;
}

/** One continuation. */
export interface Generation {
  /** The ids written, the one that ended it included. */
  readonly ids: readonly number[];
  /**
   * log p(id | everything before it) in nats, aligned with ids: of the model's own distribution, not of the tempered or
   * cut one it was drawn from; what `tokenLogps` gives for the same text: bit for bit with the wasm kernels and ONNX Runtime (but under
   * RoPE scaling whose angles follow the length), elsewhere but for rounding.
   */
  readonly logps: readonly number[];
  /** The text of the ids up to the end of the stop string; only with a tokenizer. */
  readonly text?: string;
  /** A stop string was written, a stop id was drawn, or `maxTokens` were written. */
  readonly finish: 'stop' | 'end' | 'length';
}
