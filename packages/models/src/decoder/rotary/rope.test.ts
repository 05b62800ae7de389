import { describe, expect, test } from 'vitest';
import { decodingTables, inverseFrequencies, rotaryTables } from './rope.ts';

const plain = { type: 'default', theta: 10000 } as const;

describe('rotaryTables', () => {
  test('cos and sin of position · θ^(−2i/d)', () => {
    const { cos, sin } = rotaryTables(plain, 8, 5);
    for (let position = 0; position < 5; position++)
      for (let i = 0; i < 4; i++) {
        const angle = position * 10000 ** ((-2 * i) / 8);
        expect(cos[position * 4 + i]).toBeCloseTo(Math.cos(angle), 6);
        expect(sin[position * 4 + i]).toBeCloseTo(Math.sin(angle), 6);
      }
  });

  test('linear scaling by s is the plain table at position / s', () => {
    const scaled = rotaryTables({ type: 'linear', theta: 10000, factor: 4 }, 8, 9);
    const base = rotaryTables(plain, 8, 3);
    expect(scaled.cos[8 * 4 + 1]).toBeCloseTo(base.cos[2 * 4 + 1]!, 6);
  });

  test('llama3 keeps short waves, divides long ones, and is monotone between', () => {
    const rope = {
      type: 'llama3',
      theta: 10000,
      factor: 8,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalPositions: 64,
    } as const;
    const [scaled, base] = [inverseFrequencies(rope, 32, 1), inverseFrequencies(plain, 32, 1)];
    base.forEach((frequency, i) => {
      const wavelength = (2 * Math.PI) / frequency;
      if (wavelength < 16) expect(scaled[i]).toBe(frequency);
      else if (wavelength > 64) expect(scaled[i]).toBeCloseTo(frequency / 8, 9);
      else expect(scaled[i]! <= frequency && scaled[i]! >= frequency / 8).toBe(true);
    });
  });

  test('yarn multiplies both tables by the attention factor and interpolates low frequencies only', () => {
    const rope = {
      type: 'yarn',
      theta: 10000,
      factor: 4,
      betaFast: 32,
      betaSlow: 1,
      originalPositions: 256,
      attentionFactor: 1.25,
      truncate: true,
    } as const;
    const { cos, sin } = rotaryTables(rope, 32, 2);
    expect(cos[0]).toBe(1.25);
    expect(sin[16]).toBeCloseTo(Math.sin(1) * 1.25, 6);
    const [scaled, base] = [inverseFrequencies(rope, 32, 1), inverseFrequencies(plain, 32, 1)];
    expect(scaled[0]).toBe(base[0]);
    expect(scaled[15]).toBeCloseTo(base[15]! / 4, 9);
  });

  test('dynamic: the plain table up to the trained length, a larger base beyond', () => {
    const rope = { type: 'dynamic', theta: 10000, factor: 2, maxPositions: 8 } as const;
    expect(rotaryTables(rope, 8, 8)).toEqual(rotaryTables(plain, 8, 8));
    expect(inverseFrequencies(rope, 8, 16)[1]).toBeCloseTo((10000 * (2 * 2 - 1) ** (8 / 6)) ** (-2 / 8), 6);
  });
});

describe('decodingTables', () => {
  test('is rotaryTables, except that dynamic scaling grows with the position', () => {
    expect(decodingTables(plain, 8, 6)).toEqual(rotaryTables(plain, 8, 6));
    const rope = { type: 'dynamic', theta: 10000, factor: 2, maxPositions: 4 } as const;
    const tables = decodingTables(rope, 8, 7);
    for (let position = 0; position < 7; position++)
      expect(tables.cos.slice(position * 4, position * 4 + 4)).toEqual(
        rotaryTables(rope, 8, position + 1).cos.slice(-4),
      );
  });
});
