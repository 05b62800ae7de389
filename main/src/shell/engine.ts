/** The backend a run computes on, with our kernels in it. */
import { installKernels } from '@svo/kernels';
import { useBackend } from '@svo/tensor';
import type { BackendName } from '../options.ts';

/** What runs, in words for people and as a short name for `summary.json`. */
export interface Engine {
  readonly name: string;
  readonly description: string;
  /** A command that would bring a faster backend, when one is known. */
  readonly hint: string | undefined;
}

/** Takes the backend asked for, or the best that works, and installs the fused kernels it has; on all threads unless told. */
export async function startEngine(backend: BackendName, threads?: number): Promise<Engine> {
  const some = threads === undefined ? {} : { threads };
  const report = await useBackend(backend, some);
  // Ours even where a native engine is installed: a run resumed after one was must go on with the same bits.
  const kernels = await installKernels({ engine: 'wasm', ...some });
  const parts = [
    `${report.threads} thread${report.threads === 1 ? '' : 's'}`,
    kernels.kernels.length > 0 ? `${kernels.kernels.length} fused kernels` : 'plain operations',
    `matrix products by ${kernels.engine}`,
    ...(kernels.relaxedSimd ? ['relaxed SIMD'] : []),
  ];
  return {
    name: kernels.backend,
    description: `${kernels.backend} on ${report.device} (${parts.join(', ')})`,
    hint: report.hint,
  };
}
