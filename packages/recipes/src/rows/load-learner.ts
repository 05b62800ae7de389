import { type LoadPretrainedOptions, loadPretrained, type Params } from '@svo/models';
import type { Learner } from '../plan.ts';

/** A model ready to learn, and its weights. The caller disposes them. */
export interface LoadedLearner {
  readonly learner: Learner;
  readonly params: Params;
}

/**
 * A model folder, a GGUF file or a name on the Hub, with the tokenizer that training needs: padded with its own padding
 * token, or its end where it has none (padding is never scored).
 *
 * @param options those of `loadPretrained`
 * @throws RangeError when it has no tokenizer, or one without an end of sequence; and as `loadPretrained` does
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { causalLm, characterTokenizer, savePretrained } from '@svo/models';
 * import { loadLearner } from '@svo/recipes';
 * const tokenizer = characterTokenizer('0123456789+=? ');
 * const sizes = { vocab_size: 20, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2 };
 * const lm = causalLm({ model_type: 'llama', ...sizes, eos_token_id: tokenizer.eosId });
 * const folder = await mkdtemp(`${tmpdir()}/svo-`);
 * await savePretrained(folder, { lm, params: lm.init(1), tokenizer });
 * const { learner } = await loadLearner(folder);
 * learner.lm.architecture.hiddenSize; // => 8
 * ```
 */
export async function loadLearner(path: string, options: LoadPretrainedOptions = {}): Promise<LoadedLearner> {
  const { lm, params, tokenizer } = await loadPretrained(path, options);
  const padId = tokenizer?.padId ?? tokenizer?.eosId;
  if (tokenizer === undefined || padId === undefined)
    throw new RangeError(
      `loadLearner: ${path} must have a tokenizer with an end of sequence, got ${tokenizer === undefined ? 'none (a tokenizer.json in the folder)' : 'one without'}`,
    );
  return { learner: { lm, tokenizer: { ...tokenizer, padId } }, params };
}
