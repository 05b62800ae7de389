/** How operations reach the kernels that `installKernels` registered with tfjs. */
import type { StoredMatrix } from '@svo/files';
import { type Tensor, tf } from '@svo/tensor';

/** The fused kernels' names in tfjs's registry: the operation's, with a prefix that cannot meet one of tfjs's own. */
export const kernelNames = [
  'SvoEmbedding',
  'SvoEmbeddingGradient',
  'SvoRmsNorm',
  'SvoRmsNormGradient',
  'SvoRotaryAttention',
  'SvoRotaryAttentionGradient',
  'SvoSwiglu',
  'SvoSwigluGradient',
  'SvoTokenLogps',
  'SvoTokenLogpsGradient',
  'SvoLinearTokenLogps',
  'SvoLinearTokenLogpsGradient',
  'SvoCachedAttention',
  'SvoAdamwUpdate',
] as const;

export type KernelName = (typeof kernelNames)[number];

/** Kernels that stand for no operation: parts of others, which a backend has or has not. */
export type PartName =
  | 'SvoAddProduct'
  | 'SvoStoredRows'
  | 'SvoStoredProduct'
  | 'SvoStoredProductGradient'
  | 'SvoStoredInt8Product'
  | 'SvoStoredEmbedding'
  | 'SvoStoredTokenLogps'
  | 'SvoStoredTokenLogpsGradient'
  | 'SvoStoredHold'
  | 'SvoStoredRelease';

/** Does the active backend have this kernel? */
export function hasKernel(name: KernelName | PartName): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}

/** What a kernel makes of a stored matrix, and of the tensors beside it; nothing where the backend has none, or it declines. */
export function runStored(
  name: PartName & `SvoStored${string}`,
  inputs: Record<string, Tensor>,
  matrix: StoredMatrix,
  attributes: Record<string, number | boolean> = {},
): Tensor[] {
  return hasKernel(name) ? runKernel(name, inputs, { ...attributes, matrix }) : [];
}

/** Runs a kernel of the active backend. */
export function runKernel(
  name: KernelName | PartName,
  inputs: Record<string, Tensor>,
  attributes: Record<string, number | boolean | StoredMatrix> = {},
): Tensor[] {
  const outputs = tf
    .engine()
    .runKernel(name, inputs as unknown as tf.NamedTensorMap, attributes as unknown as tf.NamedAttrMap) as unknown as
    | Tensor
    | Tensor[];
  return Array.isArray(outputs) ? outputs : [outputs];
}
