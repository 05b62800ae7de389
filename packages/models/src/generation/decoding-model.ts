/** What reads the tokens that are written: the model itself, or one whose stored matrices round what they multiply. */
import { int8Activations, interleavedBytes, workingSizes } from '@svo/kernels';
import type { CausalLm } from '../decoder/causal-lm.ts';
import type { Decoder } from '../decoder/decoder-record.ts';
import type { GenerateOptions } from './generation.ts';

/**
 * The decoder for `activations` of `generate`.
 * @throws RangeError for a setting that is none, or `'int8'` where no matrix can be multiplied so or they take too much room
 */
export const decodingModel = (
  { decoder }: CausalLm,
  activations: GenerateOptions['activations'] = 'float32',
): Decoder => {
  if (activations === 'float32') return decoder;
  if (activations !== 'int8')
    throw new RangeError(`generate: activations must be 'float32' or 'int8', got ${JSON.stringify(activations)}`);
  let [taken, bytes] = [0, 0];
  const frozen = Object.fromEntries(
    Object.entries(decoder.frozen).map(([name, matrix]) => {
      const rounding = int8Activations(matrix);
      if (rounding) taken++;
      bytes += interleavedBytes(matrix.dtype, matrix.shape);
      return [name, rounding ?? matrix];
    }),
  );
  if (taken === 0)
    throw new RangeError(
      "generate: activations 'int8' need weights stored in Q8_0, Q4_0 or Q4_1, and the wasm backend's kernels; here there are none (loadPretrained(…, { weights: 'stored' }) or 'int8', 'int4', and installKernels())",
    );
  if (bytes > workingSizes.interleaved)
    throw new RangeError(
      `generate: activations 'int8' keep weights in the wasm heap, where these would take ${bytes} of at most ${workingSizes.interleaved} bytes (leave the option out)`,
    );
  return { ...decoder, frozen };
};
