/** Kernels of the TensorFlow backend: operations of its own that tfjs does not expose. */
import { runTensorflowOp, type TensorHandle, tf } from '@svo/tensor';
import type { KernelName } from '../kernel-calls.ts';
import type { Handles, KernelFunction } from '../registry.ts';

const types = { T: { type: 'float32' }, Tlabels: { type: 'int32' } } as const;

/**
 * Token log-probabilities by SparseSoftmaxCrossEntropyWithLogits, which gives the loss and its gradient together: what
 * travels to the backward pass in place of the log-sums is that gradient, softmax − onehot.
 */
export function tensorflowKernels(): Partial<Record<KernelName, KernelFunction>> {
  return {
    SvoTokenLogps({ logits, targets }: Handles) {
      const [loss, gradient] = runTensorflowOp('SparseSoftmaxCrossEntropyWithLogits', types, [logits!, targets!], 2);
      const logps = negate(loss!);
      release(loss!);
      return [logps, gradient!];
    },
    SvoTokenLogpsGradient({ dy, logSums: gradient }: Handles) {
      const axis = tf.scalar(1, 'int32');
      const negative = negate(dy!);
      const described = { T: types.T, Tdim: types.Tlabels };
      const [column] = runTensorflowOp('ExpandDims', described, [negative, axis as unknown as TensorHandle], 1);
      const [product] = runTensorflowOp('Mul', { T: types.T }, [column!, gradient!], 1);
      for (const tensor of [negative, column!]) release(tensor);
      axis.dispose();
      return product!;
    },
  };
}

const negate = (x: TensorHandle): TensorHandle => runTensorflowOp('Neg', { T: types.T }, [x], 1)[0]!;

/** Frees an intermediate result; tfjs only knows about what a kernel returns. */
function release(tensor: TensorHandle): void {
  tf.backend().disposeData(tensor.dataId);
}
