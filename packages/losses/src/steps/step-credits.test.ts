import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Matrix } from '../reference/index.ts';
import * as reference from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { type Arrays, toTensor } from '../test-support/cases/arrays.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { expectFloat32 } from '../test-support/running/close.ts';
import { stepCredits } from './step-credits.ts';

const drawn = inputsOf({
  rewards: { shape: 'B S', kind: 'rewards' },
  values: { shape: 'B S', kind: 'values' },
  nextValues: { shape: 'B S', kind: 'values' },
  mask: { shape: 'B S', kind: 'mask' },
});

async function run(inputs: Arrays): Promise<number[]> {
  const [rewards, values, nextValues, mask] = ['rewards', 'values', 'nextValues', 'mask'].map((name) =>
    toTensor(inputs[name]!),
  );
  return Array.from(await stepCredits(rewards!, values!, nextValues!, mask!).data());
}

onBackend('stepCredits', () => {
  test('law: equals the reference', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const exact = reference.stepCredits(
          inputs.rewards as Matrix,
          inputs.values as Matrix,
          inputs.nextValues as Matrix,
          inputs.mask as Matrix,
        );
        expectFloat32(await run(inputs), exact.flat(), 1e4);
      }),
    );
  });

  test('law: credits telescope to outcome − V(s_0)', async () => {
    const eighth = fc.integer({ min: -8, max: 8 }).map((k) => k / 8);
    await fc.assert(
      fc.asyncProperty(
        fc.array(eighth, { minLength: 4, maxLength: 4 }),
        fc.constantFrom(-1, 1),
        async (values, outcome) => {
          const credits = await run({
            rewards: [[0, 0, 0, outcome]],
            values: [values],
            nextValues: [[...values.slice(1), 0]],
            mask: [[1, 1, 1, 1]],
          });
          expect(credits.reduce((a, c) => a + c, 0)).toBe(outcome - values[0]!);
        },
      ),
    );
  });

  test('law: a potential on all states but the terminal one changes only the last credit', async () => {
    const credits = async (k: number): Promise<number[]> =>
      await run({
        rewards: [[0, 0, 1]],
        values: [[0.5 + k, 0.25 + k, 0.75 + k]],
        nextValues: [[0.25 + k, 0.75 + k, 0]],
        mask: [[1, 1, 1]],
      });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -8, max: 8 }), async (k) => {
        const [plain, moved] = [await credits(0), await credits(k)];
        expect(moved.slice(0, 2)).toEqual(plain.slice(0, 2));
        expect(moved[2]).toBe(plain[2]! - k);
      }),
    );
  });

  test('edge: masked steps are 0, whatever they hold', async () => {
    expect(await run({ rewards: [[Number.NaN, 1]], values: [[0, 0]], nextValues: [[0, 0]], mask: [[0, 1]] })).toEqual([
      0, 1,
    ]);
  });

  test('errors: shapes', async () => {
    await expect(
      async () => await run({ rewards: [[0]], values: [[0]], nextValues: [[0]], mask: [1] }),
    ).rejects.toThrow('stepCredits: mask must be [B, S] = [1, 1] as in rewards, got [1]');
  });
});
