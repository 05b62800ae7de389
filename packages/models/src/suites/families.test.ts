/** Every kind of config of the families that transformers reads, against the numbers it computes (test/golden/models/families.py). */
import { readFileSync } from 'node:fs';
import { installKernels } from '@svo/kernels';
import { tf, useBackend } from '@svo/tensor';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { causalLm } from '../decoder/causal-lm.ts';
import type { ModelConfig } from '../decoder/config/architecture.ts';
import { families } from '../decoder/families/index.ts';
import { parameterShapes } from '../decoder/parameters.ts';
import { generate } from '../generation/generate.ts';
import { familyConfigs } from '../test-support/family-configs.ts';
import { hashedParams, largestGap } from '../test-support/small-models.ts';

interface Case {
  readonly name: string;
  readonly config: ModelConfig;
  readonly ids: number[][];
  /** Logits after token 40 and after token 16. */
  readonly logits_last: number[][];
  readonly logits_middle: number[][];
  /** Continued as one left-padded batch there, and as rows of different lengths here. */
  readonly prompts: number[][];
  readonly greedy: number[][];
}

const cases: Case[] = JSON.parse(
  readFileSync(new URL('../../../../test/golden/models/families.json', import.meta.url), 'utf8'),
);

test('every family has configs among them, and one among those of the laws', () => {
  const without = (configs: readonly ModelConfig[]): string[] =>
    Object.keys(families).filter((family) => !configs.some(({ model_type }) => model_type === family));
  expect(
    without(cases.map(({ config }) => config)),
    'families without a case in test/golden/models/families.py',
  ).toEqual([]);
  expect(
    without(familyConfigs.map(([, config]) => config)),
    'families without a config in test-support/family-configs.ts',
  ).toEqual([]);
});

beforeAll(async () => {
  await useBackend('wasm');
  await installKernels();
});
afterAll(() => useBackend('cpu'));

test.each(cases)('$name', async ({ config, ids, prompts, ...expected }) => {
  const lm = causalLm(config);
  const params = hashedParams(parameterShapes(lm.architecture));
  const logits = (await lm.apply(params, tf.tensor2d(ids, undefined, 'int32')).array()) as number[][][];
  const at = (place: number): number[] => logits.flatMap((row) => row[place]!);
  expect(largestGap(at(39), expected.logits_last.flat())).toBeLessThan(1e-4);
  expect(largestGap(at(15), expected.logits_middle.flat())).toBeLessThan(1e-4);
  const written = await generate(lm, params, prompts, { maxTokens: 10, temperature: 0, stopIds: [] });
  expect(written.map(([row]) => row!.ids)).toEqual(expected.greedy);
  tf.dispose(params);
});
