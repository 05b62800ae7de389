import { readFileSync } from 'node:fs';
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { sampler } from './sampling.ts';

const rowOf = fc
  .array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 1, maxLength: 40 })
  .map((row) => Float32Array.from(row));
const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** Which tokens ever come out, over a fine grid of u. */
const support = (row: Float32Array, settings: Parameters<typeof sampler>[1]): Set<number> => {
  const { draw } = sampler(row.length, settings);
  return new Set(Array.from({ length: 20_000 }, (_, i) => draw(row, 0, (i + 0.5) / 20_000)));
};

describe('sampler', () => {
  test.prop([rowOf, unit])('logp is log softmax of the drawn token, whatever the settings', (row, u) => {
    const logTotal = Math.log(row.reduce((total, logit) => total + Math.exp(logit), 0));
    for (const settings of [{}, { temperature: 0.3 }, { temperature: 0 }, { topK: 2 }, { topP: 0.4, temperature: 2 }]) {
      const { draw, logp } = sampler(row.length, settings);
      const id = draw(row, 0, u);
      expect(logp()).toBeCloseTo(row[id]! - logTotal, 9);
    }
  });

  test.prop([rowOf])('temperature 0 takes the first of the largest', (row) => {
    expect(sampler(row.length, { temperature: 0 }).draw(row, 0, 0.99)).toBe(row.indexOf(Math.max(...row)));
  });

  test.prop([rowOf, unit, fc.integer({ min: 0, max: 5 })])('a row is read at its offset alone', (row, u, before) => {
    const padded = Float32Array.from([...new Array(before).fill(50), ...row, 60]);
    const { draw } = sampler(row.length, { temperature: 0.7, topK: 3 });
    expect(draw(padded, before, u)).toBe(draw(row, 0, u));
  });

  test.prop([rowOf, unit])('topK of all, topP 1 and temperature 1 change nothing', (row, u) => {
    const plain = sampler(row.length).draw(row, 0, u);
    expect(sampler(row.length, { topK: row.length, topP: 1, temperature: 1 }).draw(row, 0, u)).toBe(plain);
  });

  test('u walks the cumulative distribution: p = 1/2, 1/3, 1/6', () => {
    const row = Float32Array.of(Math.log(3), Math.log(2), 0);
    const { draw } = sampler(3);
    expect([0, 0.49, 0.51, 0.83, 0.84, 0.999].map((u) => draw(row, 0, u))).toEqual([0, 0, 1, 1, 2, 2]);
  });

  test('temperature T draws from p^(1/T): at T = 1/2 the shares 3 : 2 : 1 become 9 : 4 : 1', () => {
    const row = Float32Array.of(Math.log(3), Math.log(2), 0);
    const { draw } = sampler(3, { temperature: 0.5 });
    const grid = Array.from({ length: 14_000 }, (_, i) => draw(row, 0, (i + 0.5) / 14_000));
    expect([0, 1, 2].map((id) => Math.round(grid.filter((drawn) => drawn === id).length / 1000))).toEqual([9, 4, 1]);
  });

  test('topK keeps the k likeliest and ties of the k-th, as transformers does', () => {
    const row = Float32Array.of(1, 3, 2, 3, 0, 2);
    expect(support(row, { topK: 1 })).toEqual(new Set([1, 3]));
    expect(support(row, { topK: 3 })).toEqual(new Set([1, 2, 3, 5]));
  });

  test.prop([rowOf, fc.integer({ min: 1, max: 10 })], { numRuns: 20 })(
    'topK: nothing below the k-th value comes out',
    (row, k) => {
      const least = row.toSorted((a, b) => b - a)[Math.min(k, row.length) - 1]!;
      for (const id of support(row, { topK: k })) expect(row[id]).toBeGreaterThanOrEqual(least);
    },
  );

  test('topP keeps the fewest likeliest tokens that hold p', () => {
    const row = Float32Array.from([0.5, 0.3, 0.15, 0.05], Math.log);
    expect(support(row, { topP: 0.45 })).toEqual(new Set([0]));
    expect(support(row, { topP: 0.79 })).toEqual(new Set([0, 1]));
    expect(support(row, { topP: 0.9 })).toEqual(new Set([0, 1, 2]));
    expect(support(row, { topP: 0.99 })).toEqual(new Set([0, 1, 2, 3]));
  });

  test('topP is taken of what topK and temperature left', () => {
    const row = Float32Array.from([0.4, 0.3, 0.2, 0.1], Math.log);
    // Of the two likeliest, 0.4 / 0.7 = 57 %.
    expect(support(row, { topK: 2, topP: 0.56 })).toEqual(new Set([0]));
    expect(support(row, { topK: 2, topP: 0.58 })).toEqual(new Set([0, 1]));
    // At T = 1/2 the shares are 16 : 9 : 4 : 1.
    expect(support(row, { temperature: 0.5, topP: 0.53 })).toEqual(new Set([0]));
  });

  test('leaves what transformers’ warpers leave, in proportion; of a tie at the edge the first tokens', () => {
    const golden: { row: number[]; settings: { temperature: number }; left: number[] }[] = JSON.parse(
      readFileSync(new URL('../../../../test/golden/sampling/sampling.json', import.meta.url), 'utf8'),
    );
    for (const { row, settings, left } of golden) {
      const count = (values: number[], value: number): number => values.filter((other) => other === value).length;
      const kept = [...row.keys()].filter((id) => count(row.slice(0, id), row[id]!) < count(left, row[id]!));
      expect(kept.length).toBe(left.length);
      const { draw } = sampler(row.length, settings);
      const weights = kept.map((id) => Math.exp(row[id]! / settings.temperature));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      // The middle of each token's share of [0, 1) draws it, so the shares are these tokens' and no others'.
      let before = 0;
      const drawn = weights.map((weight) => {
        const u = (before + weight / 2) / total;
        before += weight;
        return draw(Float32Array.from(row), 0, u);
      });
      expect(drawn, JSON.stringify({ row, settings })).toEqual(kept);
    }
  });

  test('a token of probability 0 never comes out, not even at the edges of u', () => {
    const row = Float32Array.of(-Infinity, 0, -Infinity);
    const { draw } = sampler(3);
    expect([draw(row, 0, 0), draw(row, 0, 1 - 2 ** -53)]).toEqual([1, 1]);
  });

  test.each([
    [{ temperature: Number.NaN }, /temperature must be ≥ 0 and finite, got NaN/],
    [{ temperature: Infinity }, /temperature/],
    [{ topK: 2.5 }, /topK must be an integer ≥ 1, got 2.5/],
    [{ topP: 1.01 }, /topP must be in \(0, 1\], got 1.01/],
  ])('refuses %o', (settings, message) => {
    expect(() => sampler(3, settings)).toThrow(message);
  });

  test.each([[[Number.NaN, 0]], [[Infinity, 0]], [[-Infinity, -Infinity]]])('refuses the row %o', (row) => {
    expect(() => sampler(2).draw(Float32Array.from(row), 0, 0.5)).toThrow(/logits must be finite/);
  });
});
