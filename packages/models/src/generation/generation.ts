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
  /**
   * `'int8'`: what multiplies weights stored in Q8_0, Q4_0 or Q4_1 is first rounded to int8 in blocks of 32, as llama.cpp does, and the products are
   * integers (`int8Activations` of `@svo/kernels`): faster, on the wasm backend. Prompts are read exactly; each written token is read so, and
   * `logps` are those of these rounded passes, no longer bit for bit what `tokenLogps` gives. `'float32'` (default): exact.
   */
  readonly activations?: 'float32' | 'int8';
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
