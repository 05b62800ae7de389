/** Stored matrices whose products round the other factor. */
import type { StoredMatrix } from '@svo/files';
import { hasKernel } from '../kernel-calls.ts';
import { takesInt8 } from '../wasm/stored-kinds.ts';

/**
 * The same matrix, whose products x Wᵀ first round x to int8, as llama.cpp does: 32 neighbours of a row share the scale d = max |x| / 127, and
 * q = x / d is rounded to the nearest integer, so that an entry moves by at most d / 2. Products of 32 integers are summed exactly, the sums of
 * the blocks in float32; a row's numbers do not depend on the others. For decoding alone: where a gradient is recorded the product is the
 * exact one.
 *
 * @returns nothing where there is no such product: the backend is not wasm with its kernels installed, the type is none of Q8_0, Q4_0 and Q4_1,
 *   or its columns are no whole number of blocks.
 *
 * @example
 * ```ts
 * import { quantizeRows, storedMatrix } from '@svo/files';
 * import { installKernels, int8Activations, linear } from '@svo/kernels';
 * import { tf, useBackend } from '@svo/tensor';
 * await useBackend('wasm', { threads: 2 });
 * await installKernels();
 * const matrix = storedMatrix(quantizeRows(new Float32Array(32).fill(127), 32, 'Q8_0'), 'Q8_0', [1, 32]);
 * const x = tf.tensor2d([[127, 1.4, ...new Array<number>(30).fill(0)]]);
 * const [exact, rounded] = [matrix, int8Activations(matrix)!].map((weight) => linear(x, weight).dataSync()[0]!);
 * [exact, rounded].map((value) => Math.round(value! / 12.7)); // => [1284, 1280]
 * ```
 */
export const int8Activations = (matrix: StoredMatrix): StoredMatrix | undefined =>
  hasKernel('SvoStoredInt8Product') && takesInt8(matrix) ? { ...matrix, activations: 'int8' } : undefined;
