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
 * Refuses a trajectory of which no step came with its draw: who wrote it nobody knows, and any weight would be a guess.
 *
 * @throws RangeError naming the trajectory and the ways out
 */
export function requireDrawn(caller: string, trajectories: Material['trajectories']): void {
  const bare = trajectories.findIndex(({ draws }) => !draws?.some((draw) => draw && draw.tokenIds.length > 0));
  if (bare < 0) return;
  throw new RangeError(
    `${caller}: trajectories[${bare}] (question '${trajectories[bare]!.questionId}') must have draws, the token ids and log-probs of whoever wrote it, got none, and importance weights need them (importanceWeights: false weighs all alike; 'reference' takes the reference for who wrote it; with svo: --set train.loss.importanceWeights=false)`,
  );
}
