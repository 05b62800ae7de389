/** Random inputs for property tests: fast-check draws the sizes and a seed, numbers come from the seed. */
import fc from 'fast-check';
import { createRandom, type RandomNumbers } from './random-numbers.ts';

/** A size in `from` … `to` that favours the awkward: 1, odd ones, and neighbours of multiples of eight. */
export const sizes = (from: number, to: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.integer({ min: from, max: to }),
    fc.constantFrom(
      ...[1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 33, 47, 49, 65].filter((n) => n >= from && n <= to),
    ),
  );

/** A source of numbers. */
export const numbers: fc.Arbitrary<RandomNumbers> = fc.integer().map(createRandom);
