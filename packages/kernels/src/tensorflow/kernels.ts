/** The fused kernels of the TensorFlow backend: chains of its own operations, called without tfjs's layers between them. */
import type { TensorflowSession } from '@svo/tensor';
import type { KernelName } from '../kernel-calls.ts';
import type { KernelFunction } from '../registry.ts';
import { adamwKernel } from './adamw.ts';
import { attentionKernels } from './attention.ts';
import { cachedAttentionKernel } from './cached-attention.ts';
import { logpsKernels } from './logps.ts';
import { rowKernels } from './rows.ts';

/** Every fused kernel of this backend, by name. */
export function tensorflowKernels(session: TensorflowSession): Record<KernelName, KernelFunction> {
  return {
    ...rowKernels(session),
    ...logpsKernels(session),
    ...attentionKernels(session),
    ...cachedAttentionKernel(session),
    ...adamwKernel(session),
  };
}
