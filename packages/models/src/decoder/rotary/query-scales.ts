/** Queries that grow with their position (Llama 4's temperature, in Ministral 3). */
import { type Tensor, tf } from '@svo/tensor';
import type { Architecture } from '../config/architecture.ts';

/**
 * 1 + β·ln(1 + ⌊p / L⌋) for the token at each position p, `[N, 1]`; nothing where every factor is 1.
 *
 * @param positions `[N]` within the token's own example
 */
export const queryScales = (
  { queryGrowth }: Architecture,
  positions: Int32Array,
): { readonly queryScales?: Tensor } => {
  if (!queryGrowth || positions.every((position) => position < queryGrowth.every)) return {};
  const { beta, every } = queryGrowth;
  const scales = Float32Array.from(positions, (position) => 1 + beta * Math.log(1 + Math.floor(position / every)));
  return { queryScales: tf.tensor2d(scales, [positions.length, 1]) };
};
