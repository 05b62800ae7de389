/** What the head and a matrix in use take in the heap, following the sizes that `@svo/kernels` works in. */
import type { Architecture } from '../decoder/architecture.ts';
import { expertShapes, layerProjections } from '../decoder/parameters.ts';

/** Numbers of a stored matrix that are float32 at a time (`stored/rows.ts` of the kernels), and tokens of a head's panel. */
const panelNumbers = 2 ** 23;
const panelTokens = 4096;
/** Logits that are kept for the backward pass (`head-logps.ts`). */
const keptLogits = 2 ** 23;

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
  const numbers = frozen ? Math.min(largest, panelNumbers) : largest;
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
  const tokens = Math.min(V, panelTokens, Math.floor(panelNumbers / D));
  const panel = frozen ? 6 * tokens * D : 0;
  const own = trained ? 4 * V * D : 0;
  // Kept as a whole: logits and their slopes; of a stored head once more, in parts.
  if (!train || rows * V <= keptLogits) return own + panel + 4 * rows * V * (train ? 2 : frozen ? 2 : 1);
  if (frozen) return panel + 4 * rows * (2 * tokens + 2 * D);
  const block = Math.min(rows, Math.max(24, Math.floor((engine === 'wasm' ? 2 ** 21 : 2 ** 24) / V)));
  return own + 4 * block * V + (engine === 'wasm' ? 4 * V * D : 0) + 8 * rows * D;
};
