/** What every way of saving a model asks of it first. */
import type { CausalLm } from '../decoder/causal-lm.ts';
import { savedEmbedding } from '../decoder/decoder.ts';
import { type Params, parameterShapes } from '../decoder/parameters.ts';
import { type SavedWeights, savedWeights } from './saved-weights.ts';

/** A model to save. */
export interface SavedModel {
  readonly lm: CausalLm;
  readonly params: Params;
  /** Whether adapters among `params` are added to the matrices they belong to. */
  readonly mergeAdapters?: boolean;
}

/**
 * The model's weights, when `params` and what `lm` holds frozen are all of them.
 *
 * @throws RangeError where a parameter is missing or has another shape, head and embedding lie apart though the model ties them, or adapters are to be merged that are none
 */
export function checkSaved(caller: string, { lm, params, mergeAdapters = false }: SavedModel): SavedWeights {
  const shapes = parameterShapes(lm.architecture);
  const { frozen, adapters } = lm.decoder;
  if (mergeAdapters && adapters === undefined)
    throw new RangeError(
      `${caller}: mergeAdapters needs the lm that carries them (applyLora(lm, settings)), got one without`,
    );
  const weights = savedWeights(caller, { shapes, params, frozen, ...(mergeAdapters && { adapters }) });
  const apart = ['lm_head.weight', savedEmbedding].find((name) => name in params && !(name in shapes));
  if (apart !== undefined)
    throw new RangeError(
      `${caller}: params hold ${apart}, but lm ties head and embedding (merge with mergeLora, then causalLm({ ...lm.config, tie_word_embeddings: false }))`,
    );
  return weights;
}
