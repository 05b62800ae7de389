import type { Batch } from '@svo/data';
import type { TokenGrid } from '../tokens/value-network.ts';

/**
 * log μ of each token, [B, T]: what came with the draw, and the reference's where nothing did. A batch has NaN there (a delimiter, the end, a row that was
 * not drawn), and the reference is the best guess at who would have written it.
 */
export function drawnLogps({ behaviorLogps }: Pick<Batch, 'behaviorLogps'>, reference: TokenGrid): TokenGrid {
  if (behaviorLogps === undefined) return reference;
  const data = behaviorLogps.data.map((logp, at) => (Number.isNaN(logp) ? reference.data[at]! : logp));
  return { data, shape: reference.shape };
}
