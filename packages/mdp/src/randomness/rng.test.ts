import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeUnits } from '../test-support/texts.ts';
import { createRng, integer, permutation, type Rng, seedFrom, shuffle, splitRng, uniform, uniforms } from './rng.ts';

const seeds = fc.maxSafeInteger();
const labels = fc.oneof(codeUnits(0, 10), fc.maxSafeInteger());

/** xoroshiro128+ with the constants 24, 16, 37 of its authors' 2018 version, in 64-bit integers. */
const reference = (rng: Rng, count: number): number[] => {
  const word = (high: number, low: number) => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  const rotate = (x: bigint, k: bigint) => BigInt.asUintN(64, (x << k) | (x >> (64n - k)));
  const [s01, s00, s11, s10] = rng.state;
  let s0 = word(s01, s00);
  let s1 = word(s11, s10);
  return Array.from({ length: count }, () => {
    const out = BigInt.asUintN(32, s0 + s1);
    const mixed = s1 ^ s0;
    s0 = BigInt.asUintN(64, rotate(s0, 24n) ^ mixed ^ (mixed << 16n));
    s1 = rotate(mixed, 37n);
    return Number(out);
  });
};

describe('a stream is a value', () => {
  test('drawing leaves the stream as it was, and JSON gives it back', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const rng = Object.freeze(createRng(seed));
        const [value, next] = uniform(rng);
        expect(uniform(JSON.parse(JSON.stringify(rng)))).toEqual([value, next]);
        expect(next).not.toEqual(rng);
      }),
    );
  });

  test('the numbers are those of the published generator', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const rng = createRng(seed);
        const words = reference(rng, 20);
        const expected = Array.from(
          { length: 10 },
          (_, i) => (words[2 * i]! & 0x3ffffff) * 2 ** -26 + (words[2 * i + 1]! & 0x7ffffff) * 2 ** -53,
        );
        expect([...uniforms(rng, 10)]).toEqual(expected);
      }),
    );
  });

  test('a child is the SHA-256 of its parent and its label, as node:crypto computes it', () => {
    fc.assert(
      fc.property(seeds, labels, (seed, label) => {
        const parent = createRng(seed);
        const state = Buffer.alloc(17);
        parent.state.forEach((word, i) => {
          state.writeInt32BE(word, 4 * i);
        });
        state[16] = typeof label === 'number' ? 1 : 2;
        const text = Buffer.from(String(label), 'utf16le').swap16();
        const digest = createHash('sha256').update(state).update(text).digest();
        const expected = [
          digest.readInt32BE(0) | 1,
          digest.readInt32BE(4),
          digest.readInt32BE(8),
          digest.readInt32BE(12),
        ];
        expect(splitRng(parent, label).state).toEqual(expected);
      }),
    );
  });

  test('the same on every platform: pinned', () => {
    const rng = splitRng(createRng(2502_13723), 'search');
    expect(rng.state).toEqual([-1509448523, -579402155, 494521807, -691922845]);
    expect([...uniforms(rng, 3)]).toEqual([0.055781260032995994, 0.6790296329352985, 0.9788850844990261]);
    expect(permutation(rng, 8)).toEqual([3, 7, 5, 4, 2, 6, 1, 0]);
  });
});

describe('streams do not collide', () => {
  test('40,000 labels, numbers and their texts among them, give 40,000 states', () => {
    const root = createRng(0);
    const states = new Set<string>();
    for (let i = 0; i < 20_000; i++) {
      states.add(splitRng(root, i).state.join());
      states.add(splitRng(root, String(i)).state.join());
    }
    expect(states.size).toBe(40_000);
  });

  test('different labels, different streams; lone surrogates and nesting too', () => {
    fc.assert(
      fc.property(seeds, labels, labels, (seed, one, other) => {
        fc.pre(one !== other);
        const rng = createRng(seed);
        expect(uniform(splitRng(rng, one))[0]).not.toBe(uniform(splitRng(rng, other))[0]);
        expect(splitRng(splitRng(rng, one), other)).not.toEqual(splitRng(splitRng(rng, other), one));
      }),
    );
    const rng = createRng(1);
    expect(splitRng(rng, '\ud800')).not.toEqual(splitRng(rng, '\udfff'));
  });

  test('children of neighbouring labels are uncorrelated', () => {
    const rng = createRng(11);
    const n = 20_000;
    const first = Array.from({ length: n }, (_, i) => uniform(splitRng(rng, i))[0] - 0.5);
    let product = 0;
    for (let i = 1; i < n; i++) product += first[i]! * first[i - 1]!;
    // Correlation of independent draws: standard error 1/√n ≈ 0.007.
    expect(Math.abs((product / n) * 12)).toBeLessThan(0.03);
  });
});

describe('distributions', () => {
  test('uniform: sixteen bins, chi-square below the 99.9 % point of 15 degrees of freedom', () => {
    const bins = new Array<number>(16).fill(0);
    for (const value of uniforms(createRng(5), 160_000)) bins[Math.floor(value * 16)]!++;
    expect(bins.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(37.7);
  });

  test('integer: within its bound, all values, also where 2³² is no multiple of it', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 2 ** 32 }), (seed, bound) => {
        const [value] = integer(createRng(seed), bound);
        expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true);
      }),
    );
    let rng = createRng(3);
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 50_000; i++) {
      const [value, next] = integer(rng, 5);
      counts[value]!++;
      rng = next;
    }
    expect(counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(18.5);
  });

  test('permutation: every order of three equally often', () => {
    const counts = new Map<string, number>();
    const rng = createRng(8);
    for (let i = 0; i < 24_000; i++) {
      const order = permutation(splitRng(rng, i), 3).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 4000)).toBeLessThan(250);
  });

  test('permutation and shuffle keep every item once', () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.nat(), { maxLength: 50 }), (seed, items) => {
        const rng = createRng(seed);
        expect(permutation(rng, items.length).toSorted((a, b) => a - b)).toEqual(items.map((_, i) => i));
        expect(shuffle(rng, items).toSorted((a, b) => a - b)).toEqual(items.toSorted((a, b) => a - b));
      }),
    );
  });

  test('seedFrom gives safe, non-negative integers', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const drawn = seedFrom(createRng(seed));
        expect(Number.isSafeInteger(drawn) && drawn >= 0).toBe(true);
      }),
    );
  });
});

test('errors name function, argument and value', () => {
  expect(() => createRng(0.5)).toThrow('createRng: seed must be a safe integer, got 0.5');
  expect(() => splitRng(createRng(0), Number.NaN)).toThrow('splitRng: a numeric label must be a safe integer, got NaN');
  expect(() => integer(createRng(0), 0)).toThrow('integer: bound must be an integer in [1, 2^32], got 0');
  expect(() => permutation(createRng(0), -1)).toThrow('permutation: length must be an integer in [0, 2^32], got -1');
});
