/** Rotary positions: (a, b) → (a cos − b sin, b cos + a sin) is x · [cos, cos] + swapped x · [−sin, sin]. */
import type { NativeOps, NativeTensor } from '@svo/tensor';
import { operations } from './operations.ts';

/** Factors of x and of x with its halves swapped, `[…, headDim]`. */
export type RotaryFactors = readonly [own: NativeTensor, swapped: NativeTensor];

/** From tables of half a head's width; the result of a rotation comes out `scale` times as long. */
export function rotaryFactors(ops: NativeOps, cos: NativeTensor, sin: NativeTensor, scale = 1): RotaryFactors {
  const { mul } = operations(ops);
  const half = cos.shape.at(-1)!;
  const signs = Array.from({ length: 2 * half }, (_, i) => (i < half ? -scale : scale));
  const twice = ops.constant([...cos.shape.slice(1).map(() => 1), 2]);
  const own = ops.run('Tile', [cos, twice]);
  return [
    scale === 1 ? own : operations(ops).scale(own, scale),
    mul(ops.run('Tile', [sin, twice]), ops.constant(signs, 'float32')),
  ];
}

/** The rotation of `x`, whose shape the factors broadcast to. */
export function rotated(ops: NativeOps, x: NativeTensor, [own, swapped]: RotaryFactors): NativeTensor {
  const { add, mul, swapHalves } = operations(ops);
  return add(mul(x, own), mul(swapHalves(x), swapped));
}

/** The rotation backwards, which is also the gradient of the one forwards. */
export function rotatedBack(ops: NativeOps, x: NativeTensor, [own, swapped]: RotaryFactors): NativeTensor {
  const { sub, mul, swapHalves } = operations(ops);
  return sub(mul(x, own), mul(swapHalves(x), swapped));
}
