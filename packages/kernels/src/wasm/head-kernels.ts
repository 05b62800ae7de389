/** The fused kernels of the language-model head on the wasm backend. */
import type { Attributes, Handles, Kernels } from '../registry.ts';
import { workingSizes } from '../working-sizes.ts';
import type { KernelEngine } from './engine.ts';
import { type MatrixEngine, packB, packedBytes } from './gemm.ts';
import { checkIds, rowsPerTask } from './rows.ts';

/** The language-model head: logits exist for one block of rows at a time, in a workspace. */
export function headKernels(
  engine: KernelEngine,
  { multiply, packs }: MatrixEngine,
): Kernels<'SvoLinearTokenLogps' | 'SvoLinearTokenLogpsGradient'> {
  const { heap } = engine;
  const at = heap.pointer;
  /** Rows of a block. */
  const blockRows = (V: number): number =>
    Math.max(24, Math.floor(workingSizes[packs ? 'packedLogits' : 'plainLogits'] / V));
  return {
    SvoLinearTokenLogps({ x, weight, targets }: Handles) {
      const [rows, K] = x!.shape as [number, number];
      const V = weight!.shape[0]!;
      checkIds('linearTokenLogps', 'targets', engine, at(targets!), rows, V);
      const [logps, logSums] = [heap.output([rows]), heap.output([rows])];
      const block = Math.min(rows, blockRows(V));
      const logits = engine.workspace('rows', block * V * 4);
      const packed = packs ? { packed: panelsOf(engine, at(weight!), V, K) } : {};
      const step = rowsPerTask(V);
      for (let i = 0; i < rows; i += block) {
        const M = Math.min(block, rows - i);
        multiply({ M, N: V, K, a: at(x!) + i * K * 4, b: at(weight!), c: logits, transposeB: true, ...packed });
        const values = [M, V, step, logits, at(targets!) + i * 4, at(logps) + i * 4, at(logSums) + i * 4];
        engine.run('logps', Math.ceil(M / step), values);
      }
      return [logps, logSums];
    },
    SvoLinearTokenLogpsGradient({ dy, x, weight, targets, logSums }: Handles, { frozen }: Attributes) {
      const [rows, K] = x!.shape as [number, number];
      const V = weight!.shape[0]!;
      const dx = heap.output([rows, K]);
      const dWeight = frozen ? undefined : heap.output([V, K]);
      const block = Math.min(rows, blockRows(V));
      const logits = engine.workspace('rows', block * V * 4);
      const step = rowsPerTask(V);
      for (let i = 0; i < rows; i += block) {
        const M = Math.min(block, rows - i);
        const from = at(x!) + i * K * 4;
        multiply({ M, N: V, K, a: from, b: at(weight!), c: logits, transposeB: true });
        const values = [M, V, step, logits, at(targets!) + i * 4, 0, at(logSums!) + i * 4, at(dy!) + i * 4, logits];
        engine.run('logpsGradient', Math.ceil(M / step), values);
        multiply({ M, N: K, K: V, a: logits, b: at(weight!), c: at(dx) + i * K * 4 });
        if (dWeight)
          multiply({ M: V, N: K, K: M, a: logits, b: from, c: at(dWeight), transposeA: true, accumulate: i > 0 });
      }
      return dWeight ? [dx, dWeight] : [dx];
    },
  };
}

/** W in panels, for the products of all blocks to use. */
function panelsOf(engine: KernelEngine, weight: number, V: number, K: number): number {
  const panels = engine.workspace('panels', packedBytes(engine, V, K));
  packB(engine, weight, V, K, true, panels);
  return panels;
}
