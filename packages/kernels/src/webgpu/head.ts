/** The language-model head and the log-probabilities it gives, block of rows by block of rows: logits are never kept. */
import type { TensorHandle, WebgpuDevice } from '@svo/tensor';
import type { Attributes, Handles, Kernels } from '../registry.ts';
import { workingSizes } from '../working-sizes.ts';
import { matmul } from './matmul.ts';
import { rowLogSum } from './rows.ts';
import { grid, runShader, type Shader } from './shader.ts';

/** logps[first + n] = logits[n, target] − log Σ exp logits[n]; one workgroup a row of the block. */
const blockLogps: Shader = {
  name: 'block-logps',
  buffers: { logits: 'f32', targets: 'i32', logps: 'write f32', logSums: 'write f32' },
  integers: ['rows', 'V', 'first'],
  reduces: true,
  body: `${rowLogSum}
  if (lane == 0) { logSums[u.first + n] = logSum; logps[u.first + n] = logits[n * u.V + targets[u.first + n]] - logSum; }`,
};

/** Logits give way to dy · ([v = target] − exp(logits − logSum)), in place. */
const blockGradient: Shader = {
  name: 'block-gradient',
  buffers: { logits: 'write f32', targets: 'i32', logSums: 'f32', dy: 'f32' },
  integers: ['rows', 'V', 'first'],
  body: `
  let n = row(group);
  if (n >= u.rows) { return; }
  let target_ = targets[u.first + n];
  for (var j = lane; j < u.V; j += 64) {
    let at = n * u.V + j;
    logits[at] = dy[u.first + n] * (select(0.0, 1.0, j == target_) - exp(logits[at] - logSums[u.first + n]));
  }`,
};

export function headKernels(
  device: WebgpuDevice,
  blockSize: number = workingSizes.logits,
): Kernels<'SvoLinearTokenLogps' | 'SvoLinearTokenLogpsGradient'> {
  /** Runs `f` with the logits of each block: its first row, how many, and the matrix, which is used again. */
  const eachBlock = (
    x: TensorHandle,
    weight: TensorHandle,
    f: (logits: TensorHandle, first: number, count: number) => void,
  ): void => {
    const [rows, width] = x.shape as [number, number];
    const vocabulary = weight.shape[0]!;
    const most = Math.min(rows, Math.max(1, Math.floor(blockSize / vocabulary)));
    const logits = device.output([most, vocabulary]);
    for (let first = 0; first < rows; first += most) {
      const count = Math.min(most, rows - first);
      const sizes = { M: count, N: vocabulary, K: width, transposeA: false, transposeB: true };
      matmul(device, x, weight, logits, { ...sizes, startA: first * width });
      f(logits, first, count);
    }
    device.release(logits);
  };
  return {
    SvoLinearTokenLogps({ x, weight, targets }: Handles) {
      const [rows, vocabulary] = [x!.shape[0]!, weight!.shape[0]!];
      const [logps, logSums] = [device.output([rows]), device.output([rows])];
      eachBlock(x!, weight!, (logits, first, count) =>
        runShader(device, blockLogps, [logits, targets!, logps, logSums], [count, vocabulary, first], grid(count)),
      );
      return [logps, logSums];
    },
    SvoLinearTokenLogpsGradient({ dy, x, weight, targets, logSums }: Handles, { frozen }: Attributes) {
      const [width, vocabulary] = [x!.shape[1]!, weight!.shape[0]!];
      const dx = device.output(x!.shape);
      const dWeight = frozen ? undefined : device.output(weight!.shape);
      eachBlock(x!, weight!, (logits, first, count) => {
        runShader(device, blockGradient, [logits, targets!, logSums!, dy!], [count, vocabulary, first], grid(count));
        const forRows = { M: count, N: width, K: vocabulary, transposeA: false, transposeB: false };
        matmul(device, logits, weight!, dx, { ...forRows, startC: first * width });
        if (!dWeight) return;
        const forHead = { M: vocabulary, N: width, K: count, transposeA: true, transposeB: false };
        matmul(device, logits, x!, dWeight, { ...forHead, startB: first * width, adds: first > 0 });
      });
      return dWeight ? [dx, dWeight] : [dx];
    },
  };
}
