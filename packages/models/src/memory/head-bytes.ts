/** What the head and a matrix in use take in the heap, following the sizes that `@svo/kernels` works in. */
import { workingSizes } from '@svo/kernels';
import type { Architecture } from '../decoder/config/architecture.ts';
import { keptLogits } from '../decoder/head/head.ts';
import { expertShapes, layerProjections } from '../decoder/parameters.ts';

/** The largest matrix of a layer as float32 where it is stored otherwise, its bytes beside it, and its packed form in our own product. */
export const panelBytes = (architecture: Architecture, frozen: boolean, engine: string): number => {
  const largest = Math.max(
    ...Array.from({ length: architecture.layers }, (_, layer) =>
      Math.max(
        ...[
          ...layerProjections(architecture, layer).map(({ shape }) => shape),
          ...Object.values(expertShapes(architecture, layer)),
        ].map(([out, into]) => out * into),
      ),
    ),
  );
  const numbers = frozen ? Math.min(largest, workingSizes.panel) : largest;
  return (frozen ? 6 * numbers : 0) + (engine === 'wasm' ? 4 * numbers : 0);
};

/** Logits of a block of rows or tokens, their slopes, and the matrix behind them. */
export const headBytes = (
  { vocabSize: V, hiddenSize: D }: Architecture,
  given: {
    readonly rows: number;
    readonly frozen: boolean;
    readonly engine: string;
    readonly train: boolean;
    /** The head itself gets a gradient. */
    readonly trained: boolean;
  },
): number => {
  const { rows, frozen, engine, train, trained } = given;
  const tokens = Math.min(V, workingSizes.panelTokens, Math.floor(workingSizes.panel / D));
  const panel = frozen ? 6 * tokens * D : 0;
  const own = trained ? 4 * V * D : 0;
  // Kept as a whole: logits and their slopes; of a stored head once more, in parts.
  if (!train || rows * V <= keptLogits) return own + panel + 4 * rows * V * (train ? 2 : frozen ? 2 : 1);
  if (frozen) return panel + 4 * rows * (2 * tokens + 2 * D);
  const block = Math.min(
    rows,
    Math.max(24, Math.floor(workingSizes[engine === 'wasm' ? 'packedLogits' : 'plainLogits'] / V)),
  );
  return own + 4 * block * V + (engine === 'wasm' ? 4 * V * D : 0) + 8 * rows * D;
};
