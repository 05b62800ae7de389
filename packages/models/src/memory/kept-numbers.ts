/** How many float32 numbers a forward pass keeps for the backward pass, counted operation by operation. */
import type { Architecture } from '../decoder/config/architecture.ts';
import { layerProjections } from '../decoder/parameters.ts';

/** Of a gate of tanh-GELU, made of plain operations: x², x³ and what they add up to, tanh, and the products with ½x and up. */
const geluExtra = 8;

/**
 * Numbers a token keeps in one layer, its input included.
 * @param ranks adapters' width on each of the layer's projections that carries one, 0 on the others
 */
export const keptInLayer = (
  architecture: Architecture,
  layer: number,
  ranks: (projection: string) => number,
): number => {
  const { hiddenSize: D, intermediateSize: I, heads, keyValueHeads, headDim, norms } = architecture;
  const { queryKeyNorm, queryGrowth, residualScale, activation, convolution, rotaryDim, fusedProjections, experts } =
    architecture;
  const [Q, KV] = [heads * headDim, keyValueHeads * headDim];
  const normed = Object.values(norms).filter(Boolean).length;
  // Input and middle of the residual; a norm keeps what goes in, and what comes out is kept by the product that reads it.
  let numbers = 2 * D + normed * (D + 1);
  if (residualScale !== 1) numbers += 2 * D;
  if (convolution?.layers[layer]) numbers += (4 + 3 * convolution.kernel) * D;
  else {
    numbers += 2 * Q + 2 * KV + heads;
    if (queryKeyNorm) numbers += Q + KV + (queryKeyNorm === 'head' ? heads + keyValueHeads : 2);
    if (queryGrowth) numbers += Q;
    if (rotaryDim !== headDim) numbers += Q + KV;
    if (fusedProjections) numbers += Q + KV;
  }
  const gates = activation === 'silu' ? 3 : 3 + geluExtra;
  if (experts?.layers[layer]) {
    // Of each visit: what goes in, gate and up, what comes out in parts and as one; and its probability, share and places.
    numbers += experts.active * (3 * D + gates * experts.innerSize + 7) + experts.count + 1;
  } else numbers += gates * I;
  for (const { projection } of layerProjections(architecture, layer)) numbers += ranks(projection);
  return numbers;
};
