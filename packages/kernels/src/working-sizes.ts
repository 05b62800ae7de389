/**
 * How much the kernels hold at a time, in numbers: what a memory plan counts with.
 *
 * - `panel`: float32 numbers of a stored matrix that are spelt out at once (32 MiB); `panelTokens`: rows of a stored head at most, since
 *   with more the logits of a usual batch would be larger than the panel.
 * - `interleaved`: bytes of stored matrices that the wasm heap holds for products of few rows (2 GiB), see `interleavedBytes`.
 * - `logits`: logits of the head at once (16 MiB), on every backend but wasm, where they are `packedLogits` that the caches hold, and
 *   `plainLogits` where each block's product packs the head anew, so that a block has enough rows to be worth it.
 *
 * @example
 * ```ts
 * import { workingSizes } from '@svo/kernels';
 * (4 * workingSizes.panel) / 2 ** 20; // => 32
 * ```
 */
export const workingSizes: Readonly<
  Record<'panel' | 'panelTokens' | 'interleaved' | 'logits' | 'packedLogits' | 'plainLogits', number>
> = {
  panel: 2 ** 23,
  panelTokens: 4096,
  interleaved: 2 ** 31,
  logits: 2 ** 22,
  packedLogits: 2 ** 21,
  plainLogits: 2 ** 24,
};
