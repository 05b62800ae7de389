/** A model that is trained from nothing, for a task's vocabulary. Runs in a browser too. */
import { type CausalLm, causalLm, type ModelConfig } from '@svo/models';
import type { ModelSize, Task } from './task.ts';
import { type RunTokenizer, tokenizerOf } from './vocabulary.ts';

/** A decoder and the tokenizer its embedding was made for; every parameter set of a run belongs to it. */
export interface RunLearner {
  readonly lm: CausalLm;
  readonly tokenizer: RunTokenizer;
}

/** A new decoder of the task's size, for the task's vocabulary. */
export function newLearner({ vocabulary, size }: Pick<Task, 'vocabulary' | 'size'>): RunLearner {
  const tokenizer = tokenizerOf(vocabulary);
  return { lm: causalLm(configOf(size, tokenizer)), tokenizer };
}

/** Llama's architecture at the task's size. */
function configOf({ hidden, mlp, layers, heads }: ModelSize, tokenizer: RunTokenizer): ModelConfig {
  return {
    model_type: 'llama',
    vocab_size: 4 * Math.ceil(tokenizer.vocabularySize / 4),
    hidden_size: hidden,
    intermediate_size: mlp,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: heads,
    max_position_embeddings: 512,
    rms_norm_eps: 1e-5,
    tie_word_embeddings: true,
    // Wider than the usual 0.02: so narrow a model learns to copy and to add several times sooner.
    initializer_range: 0.1,
    pad_token_id: tokenizer.padId,
    bos_token_id: tokenizer.bosId,
    eos_token_id: tokenizer.eosId,
  };
}
