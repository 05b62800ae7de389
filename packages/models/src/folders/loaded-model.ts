import type { Tensor } from '@svo/tensor';
import type { CausalLm } from '../decoder/causal-lm.ts';
import type { Tokenizer } from '../tokenizer/types.ts';

/** What a folder or file held. */
export interface Pretrained {
  readonly lm: CausalLm;
  /** float32, whatever was stored; without the matrices where `lm` holds them frozen. The caller disposes them. */
  readonly params: Record<string, Tensor>;
  /** When the folder has a tokenizer.json, or the file a vocabulary. */
  readonly tokenizer?: Tokenizer;
  /** Tensors the model has no use for; they were not read. */
  readonly ignored: readonly string[];
}
