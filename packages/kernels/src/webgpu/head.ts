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

/** A block of rows: its first, and how many. */
export interface Block {
  readonly first: number;
  readonly rows: number;
}

/** A head's matrix W `[vocabulary, width]`, however it is held. */
export interface HeadMatrix {
  readonly vocabulary: number;
  /** The block's rows of x Wᵀ, to the beginning of `logits`. */
  readonly logitsOf: (x: TensorHandle, logits: TensorHandle, block: Block) => void;
  /** slopes W, to the block's rows of `dx`. */
  readonly backwards: (slopes: TensorHandle, dx: TensorHandle, block: Block) => void;
}

/** Log-probabilities through a head, and the gradient of what goes into it. */
export interface HeadPasses {
  readonly logps: (head: HeadMatrix, x: TensorHandle, targets: TensorHandle) => [TensorHandle, TensorHandle];
  /** `also` is called with each block's slopes, which are used again. */
  readonly gradient: (
    head: HeadMatrix,
    given: Readonly<Record<'dy' | 'x' | 'targets' | 'logSums', TensorHandle>>,
    also?: (slopes: TensorHandle, block: Block) => void,
  ) => TensorHandle;
}

/** @param blockSize logits that exist at a time, at most, if a row has not more */
export function headPasses(device: WebgpuDevice, blockSize: number = workingSizes.logits): HeadPasses {
  /** Runs `f` with the logits of each block, which is used again. */
  const eachBlock = (
    { vocabulary, logitsOf }: HeadMatrix,
    x: TensorHandle,
    f: (logits: TensorHandle, block: Block) => void,
  ): void => {
    const count = x.shape[0]!;
    const most = Math.min(count, Math.max(1, Math.floor(blockSize / vocabulary)));
    const logits = device.output([most, vocabulary]);
    for (let first = 0; first < count; first += most) {
      const block = { first, rows: Math.min(most, count - first) };
      logitsOf(x, logits, block);
      f(logits, block);
    }
    device.release(logits);
  };
  return {
    logps(head, x, targets) {
      const count = x.shape[0]!;
      const [logps, logSums] = [device.output([count]), device.output([count])];
      eachBlock(head, x, (logits, { first, rows }) =>
        runShader(device, blockLogps, [logits, targets, logps, logSums], [rows, head.vocabulary, first], grid(rows)),
      );
      return [logps, logSums];
    },
    gradient(head, { dy, x, targets, logSums }, also) {
      const dx = device.output(x.shape);
      eachBlock(head, x, (logits, block) => {
        const numbers = [block.rows, head.vocabulary, block.first];
        runShader(device, blockGradient, [logits, targets, logSums, dy], numbers, grid(block.rows));
        head.backwards(logits, dx, block);
        also?.(logits, block);
      });
      return dx;
    },
  };
}

/** A head of float32 numbers. */
function plainHead(device: WebgpuDevice, weight: TensorHandle): HeadMatrix {
  const [vocabulary, width] = weight.shape as [number, number];
  return {
    vocabulary,
    logitsOf(x, logits, { first, rows }) {
      const sizes = { M: rows, N: vocabulary, K: width, transposeA: false, transposeB: true };
      matmul(device, x, weight, logits, { ...sizes, startA: first * width });
    },
    backwards(slopes, dx, { first, rows }) {
      const sizes = { M: rows, N: width, K: vocabulary, transposeA: false, transposeB: false };
      matmul(device, slopes, weight, dx, { ...sizes, startC: first * width });
    },
  };
}

export function headKernels(
  device: WebgpuDevice,
  blockSize?: number,
): Kernels<'SvoLinearTokenLogps' | 'SvoLinearTokenLogpsGradient'> {
  const { logps, gradient } = headPasses(device, blockSize);
  return {
    SvoLinearTokenLogps: ({ x, weight, targets }: Handles) => logps(plainHead(device, weight!), x!, targets!),
    SvoLinearTokenLogpsGradient({ dy, x, weight, targets, logSums }: Handles, { frozen }: Attributes) {
      const [vocabulary, width] = weight!.shape as [number, number];
      const given = { dy: dy!, x: x!, targets: targets!, logSums: logSums! };
      if (frozen) return [gradient(plainHead(device, weight!), given)];
      const dWeight = device.output(weight!.shape);
      const dx = gradient(plainHead(device, weight!), given, (slopes, { first, rows }) => {
        const sizes = { M: vocabulary, N: width, K: rows, transposeA: true, transposeB: false };
        matmul(device, slopes, x!, dWeight, { ...sizes, startB: first * width, adds: first > 0 });
      });
      return [dx, dWeight];
    },
  };
}
