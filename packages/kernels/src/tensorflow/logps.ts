/** Log-probabilities of one token a row, by the operation that gives the loss and its gradient together. */
import type { NativeOps, NativeTensor, TensorflowSession } from '@svo/tensor';
import type { Attributes, Handles, Kernels } from '../registry.ts';
import { workingSizes } from '../working-sizes.ts';
import { type Operations, operations } from './operations.ts';
import { inRange } from './range-errors.ts';

/** −log p and its gradient, softmax − onehot. */
const crossEntropy = (ops: NativeOps, logits: NativeTensor, targets: NativeTensor): readonly NativeTensor[] =>
  inRange('targetLogps: targets', () => ops.runAll('SparseSoftmaxCrossEntropyWithLogits', [logits, targets], 2));

/** dy · (onehot − softmax), from the gradient above. */
const logitsGradient = (ops: NativeOps, dy: NativeTensor, slopes: NativeTensor): NativeTensor => {
  const { mul, reshape } = operations(ops);
  return mul(reshape(ops.run('Neg', [dy]), [slopes.shape[0]!, 1]), slopes);
};

/** What travels to the backward pass as `logSums` is the gradient softmax − onehot where it is kept. */
export function logpsKernels({
  kernel,
}: TensorflowSession): Kernels<
  'SvoTokenLogps' | 'SvoTokenLogpsGradient' | 'SvoLinearTokenLogps' | 'SvoLinearTokenLogpsGradient'
> {
  return {
    SvoTokenLogps: ({ logits, targets }: Handles) =>
      kernel((ops) => {
        const [loss, slopes] = crossEntropy(ops, ops.of(logits!), ops.of(targets!));
        return [ops.run('Neg', [loss!]), slopes!];
      }),

    SvoTokenLogpsGradient: ({ dy, logSums }: Handles) =>
      kernel((ops) => [logitsGradient(ops, ops.of(dy!), ops.of(logSums!))]),

    /** All rows in one block: the gradient is kept. Several: each is computed again on the way back. */
    SvoLinearTokenLogps: ({ x, weight, targets }: Handles) =>
      kernel((ops) => {
        const ids = ops.of(targets!);
        const head = ops.of(weight!);
        const blocks = blocksOf(x!.shape[0]!, head.shape[0]!);
        const losses = blocks.map((block) => {
          const logits = operations(ops).productWithTransposed(rowsOf(ops, ops.of(x!), block), head);
          const [loss, slopes] = crossEntropy(ops, logits, rowsOf(ops, ids, block));
          ops.free(logits, ...(blocks.length > 1 ? [slopes!] : []));
          return [loss!, slopes!] as const;
        });
        const all = joined(
          ops,
          losses.map(([loss]) => loss),
        );
        return [ops.run('Neg', [all]), blocks.length > 1 ? ops.run('Neg', [all]) : losses[0]![1]];
      }),

    SvoLinearTokenLogpsGradient: ({ dy, x, weight, targets, logSums }: Handles, { frozen }: Attributes) =>
      kernel((ops) => {
        const tensors = operations(ops);
        const [upstream, rows, head] = [ops.of(dy!), ops.of(x!), ops.of(weight!)];
        if (logSums!.shape.length === 2)
          return headGradients(tensors, logitsGradient(ops, upstream, ops.of(logSums!)), rows, head, frozen);
        let dWeight: NativeTensor | undefined;
        const dRows = blocksOf(x!.shape[0]!, head.shape[0]!).map((block) => {
          const part = rowsOf(ops, rows, block);
          const logits = tensors.productWithTransposed(part, head);
          const [, slopes] = crossEntropy(ops, logits, rowsOf(ops, ops.of(targets!), block));
          ops.free(logits);
          const dLogits = logitsGradient(ops, rowsOf(ops, upstream, block), slopes!);
          const [dPart, dHead] = headGradients(tensors, dLogits, part, head, frozen);
          ops.free(slopes!, dLogits);
          dWeight = dWeight && dHead ? tensors.add(dWeight, dHead) : dHead;
          return dPart!;
        });
        return [joined(ops, dRows), ...(dWeight ? [dWeight] : [])];
      }),
  };
}

/** Gradients of x Wᵀ for x and, unless it is frozen, W. */
const headGradients = (
  { product, productOfTransposed }: Operations,
  dLogits: NativeTensor,
  rows: NativeTensor,
  head: NativeTensor,
  frozen: unknown,
): NativeTensor[] => [product(dLogits, head), ...(frozen ? [] : [productOfTransposed(dLogits, rows)])];

/** First row and number of rows of each block. */
function blocksOf(rows: number, vocabulary: number): (readonly [number, number])[] {
  const size = Math.max(1, Math.floor(workingSizes.logits / vocabulary));
  return Array.from({ length: Math.ceil(rows / size) }, (_, i) => [i * size, Math.min(size, rows - i * size)] as const);
}

/** Rows of a matrix, or elements of a vector; all of them are the tensor itself. */
function rowsOf(ops: NativeOps, tensor: NativeTensor, [first, count]: readonly [number, number]): NativeTensor {
  if (count === tensor.shape[0]) return tensor;
  const rest = tensor.shape.slice(1);
  return ops.run('Slice', [tensor, ops.constant([first, ...rest.map(() => 0)]), ops.constant([count, ...rest])]);
}

/** Parts one below the other; a single one is itself. */
function joined(ops: NativeOps, parts: readonly NativeTensor[]): NativeTensor {
  if (parts.length === 1) return parts[0]!;
  return ops.run('ConcatV2', [...parts, ops.constant(0)], { N: parts.length, T: 'float32', Tidx: 'int32' });
}
