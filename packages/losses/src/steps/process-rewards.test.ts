import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Matrix } from '../reference/index.ts';
import * as reference from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { type Arrays, toTensor } from '../test-support/cases/arrays.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { expectFloat32 } from '../test-support/running/close.ts';
import { processRewards } from './process-rewards.ts';

const drawn = inputsOf({
  rewards: { shape: 'B S', kind: 'rewards' },
  processValues: { shape: 'B S', kind: 'values' },
  stepEnds: { shape: 'B S', kind: 'mask' },
});

async function run(inputs: Arrays, options: object = {}): Promise<number[]> {
  const [rewards, processValues, stepEnds] = ['rewards', 'processValues', 'stepEnds'].map((name) =>
    toTensor(inputs[name]!),
  );
  return Array.from(await processRewards(rewards!, processValues!, stepEnds!, options).data());
}

onBackend('processRewards', () => {
  test('law: equals the reference, for both shapings', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, fc.constantFrom('difference', 'value'), async (inputs, shaping) => {
        const exact = reference.processRewards(
          inputs.rewards as Matrix,
          inputs.processValues as Matrix,
          inputs.stepEnds as Matrix,
          {
            shaping: shaping as 'difference' | 'value',
          },
        );
        expectFloat32(await run(inputs, { shaping }), exact.flat(), 1e4);
      }),
    );
  });

  test('law: differences add the last value to a trajectory’s return, and no more', async () => {
    const eighth = fc.integer({ min: -8, max: 8 }).map((k) => k / 8);
    await fc.assert(
      fc.asyncProperty(fc.array(eighth, { minLength: 4, maxLength: 4 }), async (values) => {
        const shaped = await run({ rewards: [[0, 0, 0, 1]], processValues: [values], stepEnds: [[0, 1, 0, 1]] });
        expect(shaped.reduce((a, r) => a + r, 0)).toBe(1 + values[3]!);
      }),
    );
  });

  test('law: tokens inside a step keep their reward, whatever the process value there', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const junk = (inputs.processValues as Matrix).map((row, i) =>
          row.map((v, t) => ((inputs.stepEnds as Matrix)[i]![t]! > 0 ? v : Number.NaN)),
        );
        expect(await run({ ...inputs, processValues: junk })).toEqual(await run(inputs));
      }),
    );
  });

  test('errors: shaping and shapes', async () => {
    const one = { rewards: [[0]], processValues: [[0]], stepEnds: [[1]] };
    await expect(async () => await run(one, { shaping: 'sum' })).rejects.toThrow(
      `processRewards: shaping must be 'difference' | 'value', got "sum"`,
    );
    await expect(async () => await run({ ...one, stepEnds: [[1, 1]] })).rejects.toThrow(
      'processRewards: stepEnds must be [B, T] = [1, 1] as in rewards, got [1, 2]',
    );
  });
});
