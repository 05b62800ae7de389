import type { Batch } from '@svo/data';
import type { Material } from '../plan.ts';
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

/** The share of a batch's scored tokens whose log μ is not known: 1 where no row was drawn. */
export function unknownLogps({ behaviorLogps, stepIds }: Pick<Batch, 'behaviorLogps' | 'stepIds'>): number {
  let [scored, unknown] = [0, 0];
  stepIds.data.forEach((step, at) => {
    if (step < 0) return;
    scored++;
    if (behaviorLogps === undefined || Number.isNaN(behaviorLogps.data[at])) unknown++;
  });
  return unknown / Math.max(1, scored);
}

/**
 * The trajectories of which at least one step came with its draw. Who wrote the others nobody knows, and any weight of theirs would be a
 * guess: among drawn ones they are left out (a model may write a token across the end of its first step), and the plan counts them.
 *
 * @throws RangeError where none was drawn, naming the ways out
 */
export function drawnOnly(caller: string, trajectories: Material['trajectories']): Material['trajectories'] {
  const drawn = trajectories.filter(({ draws }) => draws?.some((draw) => draw && draw.tokenIds.length > 0));
  if (drawn.length > 0 || trajectories.length === 0) return drawn;
  throw new RangeError(
    `${caller}: trajectories must have draws, the token ids and log-probs of whoever wrote them, since importance weights need them; got none on any of ${trajectories.length} (importanceWeights: false weighs all alike; 'reference' takes the reference for who wrote them; with svo: --set train.loss.importanceWeights=false)`,
  );
}
