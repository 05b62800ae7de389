/** Stored matrices on the device before they are used. */
import type { StoredMatrix } from '@svo/files';
import type { Tensor } from '@svo/tensor';
import { runStored } from '../kernel-calls.ts';

/**
 * Copies stored matrices to the device now, where the backend's kernels keep them there (WebGPU: F32, F16, BF16, Q8_0, Q4_0 and Q4_1), and waits for
 * the device's word that there was room. Without it each is copied when it is first used, and a lack of room shows in the middle of a step.
 * On other backends, and before `installKernels`, it does nothing. A copy is freed once nothing refers to its matrix.
 *
 * @throws OutOfMemoryError where there is no room: of these matrices nothing is left on the device.
 *
 * @example
 * ```ts
 * import { storedMatrix } from '@svo/files';
 * import { holdStored, linear } from '@svo/kernels';
 * import { tf } from '@svo/tensor';
 * const matrix = storedMatrix(new Uint8Array([0x80, 0x3f, 0, 0x40]), 'BF16', [2, 1]);
 * await holdStored([matrix]);
 * Array.from(linear(tf.tensor2d([[3]]), matrix).dataSync()); // => [3, 6]
 * ```
 */
export async function holdStored(matrices: Iterable<StoredMatrix>): Promise<void> {
  const all = [...matrices];
  let last: Tensor | undefined;
  try {
    for (const matrix of all) {
      const [word] = runStored('SvoStoredHold', {}, matrix);
      if (word === undefined) continue;
      last?.dispose();
      last = word;
    }
    await last?.data();
  } catch (error) {
    for (const matrix of all) runStored('SvoStoredRelease', {}, matrix);
    throw error;
  } finally {
    last?.dispose();
  }
}
