import { testBackend } from '@svo/tensor/testing';
import fc from 'fast-check';
import { describe } from 'vitest';

/** This run's backend: `SVO_TEST_BACKEND`, `cpu` by default. */
const { name, refusal, ...backend } = await testBackend(installFusedKernels);
if (refusal !== undefined) console.warn(`${name} could not start, and the losses are NOT checked on it: ${refusal}`);

/** Whether formulas run as float32 operations in this run, where only float32's accuracy can be asked for. */
export const inOperations: boolean = backend.inOperations;

/** Whether this run is the one on cpu: laws that no tensor takes part in are tried there alone. */
export const onCpu: boolean = name === 'cpu';

/**
 * Whether every operation is a shader. What follows from agreement with the reference (order, splitting, scaling, padding) is
 * then left to `cpu+operations`, which runs the very same tensor operations; what a shader may get wrong is tried on it.
 */
export const inShaders: boolean = name.startsWith('webgpu');

/** Leaves to `cpu+operations` what follows from agreement with the reference; `pnpm fuzz` tries it in shaders too. */
export const skipsConsequences: boolean = inShaders && process.env.SVO_EVERY_PLACE === undefined;

/** `pnpm fuzz` tries everything as often as it says; `npm test` a part of it. */
const whole = process.env.SVO_EVERY_PLACE !== undefined;

/**
 * The share of a law's cases that are tried: a third on cpu (all in `pnpm fuzz`), fewer where the same float64 arithmetic runs
 * again, fewest where every operation is a shader on a processor. `SVO_TEST_SHARE` overrides it.
 */
const share = Number(
  process.env.SVO_TEST_SHARE ?? (name.startsWith('webgpu') ? 0.005 : (name === 'cpu' ? 1 : 0.04) * (whole ? 1 : 0.3)),
);

/** How many cases of a law to try in this run, of the number that are wanted. */
export const cases = (wanted: number): number => Math.max(1, Math.round(wanted * share));

/** How often to do the same again where tensors are counted: one that is left behind is seen the second time. */
export const repeats = (wanted: number): number =>
  whole ? cases(wanted) : Math.max(2, Math.round(cases(wanted) / 10));
fc.configureGlobal({ ...fc.readConfigureGlobal(), numRuns: cases(100) });

/** By address, because `@svo/losses` does not depend on `@svo/kernels`: only the repository holds both. */
async function installFusedKernels(): Promise<unknown> {
  const specifier = new URL('../../../../kernels/src/index.ts', import.meta.url).href;
  const { installKernels } = (await import(specifier)) as { installKernels: () => Promise<unknown> };
  return installKernels();
}

/** A block of tests on this run's backend: skipped, with the reason in its title, where it does not start. */
export function onBackend(title: string, body: () => void): void {
  if (refusal === undefined) describe(`${title} [${name}]`, body);
  else describe.skip(`${title} [${name} could not start: ${refusal}]`, body);
}
