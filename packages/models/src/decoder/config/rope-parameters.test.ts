import { expect, test } from 'vitest';
import { ropeParameters } from './rope-parameters.ts';

const read = (config: Record<string, unknown>, maxPositions = 64) =>
  ropeParameters(config, { maxPositions, headDim: 4 }, 'test');

test('llama3 needs its four numbers; the trained length is at the top level, within, or max_position_embeddings', () => {
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
  expect(
    read({
      rope_scaling: { ...scaling, original_max_position_embeddings: 16 },
      original_max_position_embeddings: 32,
    }),
  ).toMatchObject({ originalPositions: 32 });
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

test('longrope: a factor for each pair of dimensions, and √(1 + ln s / ln L) or the number given', () => {
  const longrope = {
    type: 'longrope',
    short_factor: [1, 1],
    long_factor: [2, 3],
    original_max_position_embeddings: 16,
  };
  expect(read({ rope_scaling: longrope })).toEqual({
    type: 'longrope',
    theta: 10000,
    shortFactors: [1, 1],
    longFactors: [2, 3],
    originalPositions: 16,
    attentionFactor: Math.sqrt(1.5),
  });
  expect(read({ rope_scaling: { ...longrope, attention_factor: 0.5 } })).toMatchObject({ attentionFactor: 0.5 });
  expect(read({ rope_scaling: { ...longrope, factor: 1 } })).toMatchObject({ attentionFactor: 1 });
  expect(() => read({ rope_scaling: { ...longrope, long_factor: [1] } })).toThrow(
    /rope_scaling.long_factor must have head_dim \/ 2 = 2 numbers, got 1/,
  );
});

test('what would be read wrongly is refused; what says nothing is passed over', () => {
  expect(() => read({ rope_parameters: { full_attention: { rope_theta: 5 } } })).toThrow(/by layer type/);
  expect(() => read({ partial_rotary_factor: 0.5 })).toThrow(/partial_rotary_factor must be 1/);
  expect(read({ rope_scaling: {}, rope_parameters: { rope_theta: 77 } })).toEqual({ type: 'default', theta: 77 });
});
