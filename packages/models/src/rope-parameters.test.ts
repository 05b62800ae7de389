import { expect, test } from 'vitest';
import { ropeParameters } from './rope-parameters.ts';

const read = (config: Record<string, unknown>, maxPositions = 64) => ropeParameters(config, maxPositions, 'test');

test('llama3 needs its four numbers; the trained length falls back to the top level, then to max_position_embeddings', () => {
  const scaling = { rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4 };
  expect(read({ rope_scaling: { ...scaling, original_max_position_embeddings: 16 } })).toEqual({
    type: 'llama3',
    theta: 10000,
    factor: 8,
    lowFrequencyFactor: 1,
    highFrequencyFactor: 4,
    originalPositions: 16,
  });
  expect(read({ rope_scaling: scaling, original_max_position_embeddings: 32 })).toMatchObject({
    originalPositions: 32,
  });
  expect(read({ rope_scaling: scaling })).toMatchObject({ originalPositions: 64 });
  expect(() => read({ rope_scaling: { ...scaling, low_freq_factor: undefined } })).toThrow(
    /test: rope_scaling.low_freq_factor is needed for rope type 'llama3'/,
  );
});

test('yarn: 0.1 ln s + 1, or the ratio of both m-scales, or the number given', () => {
  const yarn = { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 16 };
  const factorOf = (change: object) => {
    const rope = read({ rope_parameters: { ...yarn, ...change } });
    return rope.type === 'yarn' ? rope.attentionFactor : undefined;
  };
  expect(factorOf({})).toBeCloseTo(0.1 * Math.log(4) + 1, 12);
  expect(factorOf({ mscale: 1, mscale_all_dim: 0.5 })).toBeCloseTo(
    (0.1 * Math.log(4) + 1) / (0.05 * Math.log(4) + 1),
    12,
  );
  expect(factorOf({ attention_factor: 1.5 })).toBe(1.5);
  expect(factorOf({ factor: 1 })).toBe(1);
  expect(read({ rope_parameters: { ...yarn, factor: undefined } })).toMatchObject({
    factor: 4,
    betaFast: 32,
    betaSlow: 1,
    truncate: true,
  });
});

test('dynamic keeps the trained length', () => {
  expect(read({ rope_scaling: { type: 'dynamic', factor: 2 } })).toEqual({
    type: 'dynamic',
    theta: 10000,
    factor: 2,
    maxPositions: 64,
  });
});
