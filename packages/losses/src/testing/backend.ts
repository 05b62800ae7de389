import { testBackend } from '@svo/tensor/testing';
import { describe } from 'vitest';

/** This run's backend: `SVO_TEST_BACKEND`, `cpu` by default. */
const { name, refusal, ...backend } = await testBackend(installFusedKernels);

/** Whether formulas run as float32 operations in this run, where only float32's accuracy can be asked for. */
export const inOperations: boolean = backend.inOperations;

/** By address, because `@svo/losses` does not depend on `@svo/kernels`: only the repository holds both. */
async function installFusedKernels(): Promise<unknown> {
  const specifier = new URL('../../../kernels/src/index.ts', import.meta.url).href;
  const { installKernels } = (await import(specifier)) as { installKernels: () => Promise<unknown> };
  return installKernels();
}

/** A block of tests on this run's backend: skipped, with the reason in its title, where it does not start. */
export function onBackend(title: string, body: () => void): void {
  if (refusal === undefined) describe(`${title} [${name}]`, body);
  else describe.skip(`${title} [${name} could not start: ${refusal}]`, body);
}
