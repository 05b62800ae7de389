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
 * Never throws: a suite skips itself, with the reason in sight, where a backend does not start.
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
  try {
    await useBackend(base as BackendName, base === 'wasm' ? { threads: 1 } : {});
    tf.env().set('SVO_DEVICE_FORMULAS', operations);
    if (extras.includes('kernels')) {
      if (installKernels === undefined) throw new Error('no fused kernels were given to this suite');
      await installKernels();
    }
    return { name, inOperations: operations || base === 'webgpu', refusal: undefined };
  } catch (error) {
    const refusal = error instanceof Error ? error.message : String(error);
    return { name, inOperations: operations, refusal };
  }
}
