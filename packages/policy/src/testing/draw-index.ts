/**
 * The index whose stretch of [0, 1) holds u, for probabilities laid end to end; the last one where rounding leaves u
 * beyond all of them.
 */
export function drawIndex(probabilities: readonly number[], u: number): number {
  let left = u;
  const found = probabilities.findIndex((p) => {
    left -= p;
    return left < 0;
  });
  return found < 0 ? probabilities.length - 1 : found;
}
