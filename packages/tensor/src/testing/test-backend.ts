import { DEVICE_FORMULAS } from '../backend/placement.ts';
import type { BackendName } from '../backend/report.ts';
import { useBackend } from '../backend/use-backend.ts';
import { tf } from '../tf.ts';

/** The backend a run of a test suite is about. */
export interface TestBackend {
  /** `SVO_TEST_BACKEND`, `cpu` by default. */
  readonly name: string;
  /** Whether formulas run as float32 operations, where only float32's accuracy can be asked for. */
  readonly inOperations: boolean;
  /** Why it could not start here; undefined when it runs. */
  readonly refusal: string | undefined;
}

/**
 * Starts the backend named by the environment variable `SVO_TEST_BACKEND`: a name `useBackend` knows, and after a `+` what to add.
 * `+operations` makes formulas run as tensor operations, as they do on a GPU; `+kernels` installs the fused kernels, through the
 * function given here, since this package knows of none.
 *
 * A suite skips itself, with the reason in sight, where a backend does not start; `cpu` must.
 *
 * @throws Error when cpu does not start
 *
 * @param installKernels - `installKernels` of `@svo/kernels`, for `+kernels`
 * @example
 * ```ts
 * import { testBackend } from '@svo/tensor/testing';
 * (await testBackend()).name; // => 'cpu'
 * ```
 */
export async function testBackend(installKernels?: () => Promise<unknown>): Promise<TestBackend> {
  const name = process.env.SVO_TEST_BACKEND ?? 'cpu';
  const [base, ...extras] = name.split('+');
  const operations = extras.includes('operations');
  tf.env().set(DEVICE_FORMULAS, operations);
  try {
    await useBackend(base as BackendName, base === 'wasm' ? { threads: 1 } : {});
    if (extras.includes('kernels')) await (installKernels ?? noKernels)();
    return { name, inOperations: operations || base === 'webgpu', refusal: undefined };
  } catch (error) {
    // Plain JavaScript runs everywhere: if it does not, that is a failure and no reason to skip.
    if (base === 'cpu') throw error;
    return { name, inOperations: operations, refusal: error instanceof Error ? error.message : String(error) };
  }
}

function noKernels(): Promise<never> {
  return Promise.reject(new Error('no fused kernels were given to this suite'));
}
