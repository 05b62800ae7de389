import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reference from '../../reference/index.ts';
import { pairGolden } from '../../test-support/cases/golden.ts';
import { beta } from '../../test-support/cases/loss-case.ts';
import { atReference, pairCase, pairOf, pairs, runPairs } from '../../test-support/cases/pair-case.ts';
import { lossContract } from '../../test-support/contract/loss-contract.ts';
import { swapLaw } from '../../test-support/contract/pair-laws.ts';
import { outside, wrongBeta } from '../../test-support/contract/refusals.ts';
import { onBackend } from '../../test-support/running/backend.ts';
import { expectFloat32 } from '../../test-support/running/close.ts';
import { dpoLoss } from './dpo.ts';

const subject = pairCase('dpoLoss', dpoLoss, reference.dpoLoss, {
  options: fc.record({ beta, labelSmoothing: fc.constantFrom(0, 0, 0.1, 0.3, 0.5) }),
  refusals: [...wrongBeta, ...outside('labelSmoothing', '[0, 0.5]', [-1e-9, 0.6])],
  resolution: 1e-15,
});

onBackend('dpoLoss', () => {
  pairGolden(subject, 'dpo.sigmoid');
  for (const labelSmoothing of [0, 0.1, 0.3]) {
    pairGolden(subject, `dpo.sigmoid.eps${labelSmoothing === 0 ? '0.0' : labelSmoothing}`, { labelSmoothing });
  }

  lossContract(subject);

  test('law: ln 2 where policy and reference agree, whatever β', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(), beta, async (inputs, b) => {
        expectFloat32([(await runPairs(subject, atReference(inputs), { beta: b })).value], [Math.LN2]);
      }),
    );
  });

  swapLaw(subject);

  test('law: the two sides receive opposite gradients, of at most β/B each', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(), beta, async (inputs, b) => {
        const { gradients } = await runPairs(subject, inputs, { beta: b });
        const rows = inputs.policyChosenLogps!.length;
        gradients.policyChosenLogps!.forEach((g, i) => {
          expect(gradients.policyRejectedLogps![i]).toBe(-g);
          expect(g).toBeLessThanOrEqual(0);
          expect(-g).toBeLessThanOrEqual((b / rows) * (1 + 1e-6));
        });
      }),
    );
  });

  test('law: positive, falling and convex in the margin', async () => {
    const margin = fc.double({ min: -60, max: 60, noNaN: true });
    await fc.assert(
      fc.asyncProperty(margin, fc.double({ min: 0.5, max: 30, noNaN: true }), async (middle, width) => {
        const at = async (h: number): Promise<number> => (await runPairs(subject, pairOf(Math.fround(h), 0))).value;
        const [left, centre, right] = [await at(middle - width), await at(middle), await at(middle + width)];
        expect(right).toBeGreaterThan(0);
        expect(left).toBeGreaterThan(centre);
        expect(centre).toBeGreaterThan(right);
        expect(left + right).toBeGreaterThanOrEqual(2 * centre * (1 - 1e-5));
      }),
    );
  });

  test('law: a constant added to policy and reference of one side changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -500, max: 500 }), fc.integer({ min: -40, max: 40 }), async (shift, delta) => {
        const moved = { ...pairOf(delta + shift, 0), referenceChosenLogps: [shift] };
        expect((await runPairs(subject, moved)).value).toBe((await runPairs(subject, pairOf(delta, 0))).value);
      }),
    );
  });

  test('law: a prefix both sides share cancels (the sum form only)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -500, max: 0 }),
        fc.integer({ min: -500, max: 0 }),
        async (policyPrefix, referencePrefix) => {
          const plain = pairOf(-3, -5);
          const prefixed = {
            policyChosenLogps: [-3 + policyPrefix],
            policyRejectedLogps: [-5 + policyPrefix],
            referenceChosenLogps: [referencePrefix],
            referenceRejectedLogps: [referencePrefix],
          };
          expectFloat32([(await runPairs(subject, prefixed)).value], [(await runPairs(subject, plain)).value]);
        },
      ),
    );
  });

  test('law: only β·Δ counts: (β, Δ) → (β/4, 4Δ)', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(), beta, async (inputs, b) => {
        const stretched = Object.fromEntries(
          Object.entries(inputs).map(([name, row]) => [name, (row as number[]).map((x) => 4 * x)]),
        );
        expectFloat32(
          [(await runPairs(subject, stretched, { beta: b / 4 })).value],
          [(await runPairs(subject, inputs, { beta: b })).value],
        );
      }),
    );
  });

  test('law: β → 0 gives ln 2', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(1), async (inputs) => {
        expect((await runPairs(subject, inputs, { beta: 1e-9 })).value).toBeCloseTo(Math.LN2, 5);
      }),
    );
  });

  test('edge: at margins of ±1e5 the loss is linear on one side and 0 on the other', async () => {
    expectFloat32([(await runPairs(subject, pairOf(-1e5, 0))).value], [1e4]);
    expect((await runPairs(subject, pairOf(1e5, 0))).value).toBe(0);
  });
});
