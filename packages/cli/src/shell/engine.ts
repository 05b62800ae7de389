import { installKernels } from '@svo/kernels';
import { type BackendReport, useBackend } from '@svo/tensor';
import type { Engine } from '../plans/running.ts';
import type { Shell } from './shell.ts';

/** Takes the backend asked for, or the best that works, with our kernels on it, and says what it took. */
export async function startEngine(config: Engine, shell: Shell): Promise<void> {
  const { report, kernels } = await quietEngine(config);
  const faster = report.hint === undefined ? '' : `; faster: ${report.hint}`;
  shell.tell(
    'backend',
    { backend: report.backend, device: report.device, kernels },
    `backend: ${report.backend} on ${report.device}${faster}`,
  );
}

/** The same without a word. */
export async function quietEngine({
  backend,
  threads,
}: Engine): Promise<{ readonly report: BackendReport; readonly kernels: number }> {
  const some = threads === undefined ? {} : { threads };
  const report = await useBackend(backend, some);
  // Ours even where a native engine is installed: a run resumed after one was must go on with the same bits.
  const { kernels } = await installKernels({ engine: 'wasm', ...some });
  return { report, kernels: kernels.length };
}
