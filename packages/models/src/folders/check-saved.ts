/** What every way of saving a model asks of it first. */
import type { CausalLm } from '../decoder/causal-lm.ts';
import { savedEmbedding } from '../decoder/decoder.ts';
import { checkParameters, type Params, parameterShapes } from '../decoder/parameters.ts';
import { checkNotFrozen } from './frozen-weights.ts';

/**
 * The model's parameters and their shapes, when `params` hold them all.
 *
 * @throws RangeError where weights are frozen, a parameter is missing or has another shape, or head and embedding lie apart though the model ties them
 */
export function checkSaved(
  caller: string,
  { lm, params }: { readonly lm: CausalLm; readonly params: Params },
): ReturnType<typeof parameterShapes> {
  const expected = parameterShapes(lm.architecture);
  checkNotFrozen(caller, lm.decoder.frozen);
  checkParameters(caller, params, expected);
  const apart = ['lm_head.weight', savedEmbedding].find((name) => name in params && !(name in expected));
  if (apart !== undefined)
    throw new RangeError(
      `${caller}: params hold ${apart}, but lm ties head and embedding (merge with mergeLora, then causalLm({ ...lm.config, tie_word_embeddings: false }))`,
    );
  return expected;
}
