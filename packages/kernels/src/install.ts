import { tf } from '@svo/tensor';

/** What `installKernels` found and registered. */
export interface KernelReport {
  /** The backend the kernels were registered for. */
  readonly backend: string;
  /** Names of the fused kernels in tfjs's registry. Empty: every operation runs as its composite. */
  readonly kernels: string[];
  /** Who multiplies matrices: `'wasm'` (ours), `'openblas'`, or the backend's own. */
  readonly gemm: string;
  readonly threads: number;
  /** Does the engine have relaxed SIMD (fused multiply-add)? */
  readonly relaxedSimd: boolean;
  /** Fused kernels this backend does not have; their operations run as composites. */
  readonly missing: string[];
}

export async function installKernels(): Promise<KernelReport> {
  return { backend: tf.getBackend(), kernels: [], gemm: tf.getBackend(), threads: 1, relaxedSimd: false, missing: [] };
}
