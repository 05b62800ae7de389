import { customGradient } from '../gradients/custom-gradient.ts';
import { assertShapes } from '../shapes/assert-shapes.ts';
import { type Tensor, tf } from '../tf.ts';

/**
 * x where mask > 0, `fallback` elsewhere. Select *before* arithmetic: what a masked slot holds, NaN included, then reaches
 * neither the value nor the gradient, which is dy where mask > 0 and 0 elsewhere.
 *
 * @param mask - x's shape; 1 is real, 0 is padding
 * @param x - any shape
 * @param fallback - what masked slots become, 0 by default
 * @throws ShapeError when the shapes differ
 * @example
 * ```ts
 * import { tf, whereValid } from '@svo/tensor';
 * whereValid(tf.tensor1d([1, 0]), tf.tensor1d([5, Number.NaN])).arraySync(); // => [5, 0]
 * ```
 */
export function whereValid<T extends Tensor>(mask: Tensor, x: T, fallback = 0): T {
  const dimensions = x.shape.map((_, axis) => `D${axis}`).join(' ');
  assertShapes('whereValid', { x: [x, dimensions], mask: [mask, dimensions] });
  return customGradient([x], ([input], save) => {
    const valid = tf.greater(mask, 0);
    save([valid]);
    const value = tf.where(valid, input, tf.fill(input.shape, fallback));
    return { value, gradFunc: (dy, [saved]) => [tf.where(saved!, dy, tf.zerosLike(dy))] };
  }) as T;
}
