/**
 * Thrown when tensors disagree about their shapes. `name` is stable, so it can be told apart from a `RangeError`.
 *
 * @example
 * ```ts
 * import { ShapeError } from '@svo/tensor';
 * new ShapeError('dvoLoss: credits must be [B, S]').name; // => 'ShapeError'
 * ```
 */
export class ShapeError extends Error {
  override readonly name: string = 'ShapeError';
}
