import { tf, useBackend } from '@svo/tensor';
import { describe } from 'vitest';

/**
 * The backend this run of the suite is about: `SVO_TEST_BACKEND`, `cpu` by default. `+operations` makes formulas run as tensor
 * operations, as they do on a GPU; `+kernels` installs the fused kernels of `@svo/kernels` first.
 */
export const backendName: string = process.env.SVO_TEST_BACKEND ?? 'cpu';

/** Whether formulas run as float32 operations in this run, where only float32's accuracy can be asked for. */
export const inOperations: boolean = backendName === 'webgpu' || backendName.endsWith('+operations');

/** Why the backend could not start; undefined when it runs. */
export const refusal: string | undefined = await start();

async function start(): Promise<string | undefined> {
  const [base, ...extras] = backendName.split('+');
  try {
    await useBackend(base as Parameters<typeof useBackend>[0], base === 'wasm' ? { threads: 1 } : {});
    tf.env().set('SVO_DEVICE_FORMULAS', extras.includes('operations'));
    if (extras.includes('kernels')) await installFusedKernels();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** By name, because `@svo/losses` does not depend on `@svo/kernels`; the root does. */
async function installFusedKernels(): Promise<void> {
  const specifier = new URL('../../../kernels/src/index.ts', import.meta.url).href;
  const { installKernels } = (await import(specifier)) as { installKernels: () => Promise<unknown> };
  await installKernels();
}

/** A block of tests on this run's backend: skipped, with the reason in its title, when the backend does not start here. */
export function onBackend(title: string, body: () => void): void {
  if (refusal === undefined) describe(`${title} [${backendName}]`, body);
  else describe.skip(`${title} [${backendName} could not start: ${refusal}]`, body);
}
