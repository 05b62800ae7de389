import { type Rng, uniform } from './rng.ts';

/**
 * ln x for 0 < x < ∞ from +, −, ×, ÷ alone. `Math.log` may differ in its last bit between engines; these four may not.
 * x = m·2^k with m in [√½, √2), ln m = 2·artanh((m − 1)/(m + 1)) by its series; error below 2 units in the last place.
 */
const naturalLog = (x: number): number => {
  let mantissa = x;
  let exponent = 0;
  for (; mantissa < Math.SQRT1_2; mantissa *= 2) exponent--;
  for (; mantissa >= Math.SQRT2; mantissa /= 2) exponent++;
  const ratio = (mantissa - 1) / (mantissa + 1);
  const square = ratio * ratio;
  let series = 0;
  for (let power = 25; power >= 1; power -= 2) series = series * square + 1 / power;
  return 2 * ratio * series + exponent * Math.LN2;
};

/** Two standard normal numbers and the stream that follows (Marsaglia's polar method). */
const normalPair = (rng: Rng): [number, number, Rng] => {
  let next = rng;
  for (;;) {
    const [a, afterFirst] = uniform(next);
    const [b, afterSecond] = uniform(afterFirst);
    next = afterSecond;
    const x = 2 * a - 1;
    const y = 2 * b - 1;
    const radius = x * x + y * y;
    if (radius > 0 && radius < 1) {
      const factor = Math.sqrt((-2 * naturalLog(radius)) / radius);
      return [x * factor, y * factor, next];
    }
  }
};

/**
 * One standard normal number, N(0, 1), and the stream that follows. The same bits on every platform.
 *
 * @example
 * ```ts
 * import { createRng, normal } from '@svo/mdp';
 * normal(createRng(1))[0] === normal(createRng(1))[0]; // => true
 * ```
 */
export function normal(rng: Rng): [value: number, next: Rng] {
  const [value, , next] = normalPair(rng);
  return [value, next];
}

/**
 * `count` standard normal numbers; for initial weights.
 *
 * @throws RangeError when `count` is not a whole number
 * @example
 * ```ts
 * import { createRng, normals } from '@svo/mdp';
 * normals(createRng(1), 5).length; // => 5
 * ```
 */
export function normals(rng: Rng, count: number): Float64Array {
  if (!Number.isInteger(count) || count < 0) {
    throw new RangeError(`normals: count must be a whole number, got ${count}`);
  }
  const values = new Float64Array(count);
  let next = rng;
  for (let i = 0; i < count; i += 2) {
    const [first, second, rest] = normalPair(next);
    values[i] = first;
    if (i + 1 < count) values[i + 1] = second;
    next = rest;
  }
  return values;
}
