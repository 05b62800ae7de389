/**
 * Groups batches into windows of `size` micro-batches, which `trainStep` treats as one big batch: same update, the memory of
 * one micro-batch. The last window may be shorter; nothing is dropped.
 * @throws RangeError when `size` is not a positive whole number.
 * @example
 * ```ts
 * import { accumulate } from '@svo/train';
 * const windows = [];
 * for await (const window of accumulate([1, 2, 3], 2)) windows.push(window);
 * windows; // => [[1, 2], [3]]
 * ```
 */
export async function* accumulate<B>(
  batches: Iterable<B> | AsyncIterable<B>,
  size: number,
): AsyncGenerator<readonly B[], void, undefined> {
  if (!Number.isInteger(size) || size < 1)
    throw new RangeError(`accumulate: size must be a whole number ≥ 1, got ${size}`);
  let window: B[] = [];
  for await (const batch of batches) {
    window.push(batch);
    if (window.length < size) continue;
    yield window;
    window = [];
  }
  if (window.length > 0) yield window;
}
