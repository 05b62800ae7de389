import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KtoArrays } from '../reference/index.ts';
import * as reference from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { type Arrays, evaluateLoss, flat } from '../test-support/cases/arrays.ts';
import { ktoSpecs } from '../test-support/cases/cases.ts';
import { golden, numbers } from '../test-support/cases/golden.ts';
import { beta, countRows, type LossCase } from '../test-support/cases/loss-case.ts';
import { lossContract } from '../test-support/contract/loss-contract.ts';
import { negative, unknownWord, wrongBeta } from '../test-support/contract/refusals.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { expectFloat32, expectFloat64 } from '../test-support/running/close.ts';
import { ktoLoss } from './kto.ts';

const weight = fc.constantFrom(0, 0.5, 1, 1.33);
const subject: LossCase = {
  name: 'ktoLoss',
  inputs: ktoSpecs,
  options: fc.record({
    beta,
    desirableWeight: weight,
    undesirableWeight: weight.filter((w) => w > 0),
    klDivisor: fc.constantFrom('all', 'nonzero'),
  }),
  loss: (inputs, options) => ktoLoss(inputs as never, options),
  reference: (inputs, options) => reference.ktoLoss(inputs as unknown as KtoArrays, options),
  refusals: [
    ...wrongBeta,
    ...negative('desirableWeight'),
    ...negative('undesirableWeight'),
    ...unknownWord('klDivisor', ['all', 'nonzero']),
    ...[[], [-2]].map((mismatched) => ({
      options: {},
      inputs: { policyKlLogps: mismatched, referenceKlLogps: mismatched },
      message: `policyKlLogps must hold at least 2 mismatched pairs, got ${mismatched.length} (a batch of one could only be matched with itself: use a larger batch, or apoZeroUnpairedLoss, which has no baseline)`,
    })),
  ],
  normalizer: countRows,
};

const run = (inputs: Arrays, options: object = {}) =>
  evaluateLoss((t) => ktoLoss(t as never, options), inputs, ['policyLogps']);

type Basic = Record<'pc' | 'pr' | 'pk' | 'rc' | 'rr' | 'rk', number[]>;
const basic = golden['kto.basic']!.inputs as unknown as Basic;
const batch: Arrays = {
  policyLogps: [...basic.pc, ...basic.pr],
  referenceLogps: [...basic.rc, ...basic.rr],
  labels: [1, 1, 0],
  policyKlLogps: basic.pk,
  referenceKlLogps: basic.rk,
};
const single = (i: number): Arrays => ({
  ...batch,
  policyLogps: [flat(batch.policyLogps!)[i]!],
  referenceLogps: [flat(batch.referenceLogps!)[i]!],
  labels: [flat(batch.labels!)[i]!],
});

onBackend('ktoLoss', () => {
  test('golden kto.basic: losses, mean and gradients of TRL', async () => {
    const options = { desirableWeight: 1, undesirableWeight: 1.33 };
    const exact = reference.ktoLoss(batch as unknown as KtoArrays, options);
    const gradient = [...numbers('kto.basic', 'grad_pc'), ...numbers('kto.basic', 'grad_pr')];
    expectFloat64([exact.value], numbers('kto.basic', 'mean'));
    expectFloat64(flat(exact.gradients.policyLogps), gradient);
    const tensors = await run(batch, options);
    expectFloat32([tensors.value], numbers('kto.basic', 'mean'));
    expectFloat32(tensors.gradients.policyLogps!, gradient);
    for (const [i, loss] of numbers('kto.basic', 'losses').entries()) {
      expectFloat64([reference.ktoLoss(single(i) as unknown as KtoArrays, options).value], [loss]);
      expectFloat32([(await run(single(i), options)).value], [loss]);
    }
  });

  test('golden kto.negativeKL: z is clamped at 0', async () => {
    const below = { policyKlLogps: [-40, -33, -27], referenceKlLogps: [-30, -30, -20] };
    for (const [i, loss] of numbers('kto.negativeKL', 'losses').entries()) {
      expectFloat64([reference.ktoLoss({ ...single(i), ...below } as unknown as KtoArrays).value], [loss]);
      expectFloat32([(await run({ ...single(i), ...below })).value], [loss]);
    }
  });

  test('golden kto.single_class: z = 1.25, only desirable examples', async () => {
    const lone = {
      ...batch,
      policyLogps: [-10, -20],
      referenceLogps: [-12, -19],
      labels: [1, 1],
      policyKlLogps: [1, 1.5],
      referenceKlLogps: [0, 0],
    };
    expectFloat64([reference.ktoLoss(lone as unknown as KtoArrays).value], numbers('kto.single_class', 'mean'));
    expectFloat32([(await run(lone)).value], numbers('kto.single_class', 'mean'));
  });

  lossContract(subject);

  const drawn = inputsOf(ktoSpecs, 2);

  test('law: between 0 and the larger weight', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, beta, async (inputs, b) => {
        const { value } = await run(inputs, { beta: b, desirableWeight: 1.5 });
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1.5 * (1 + 1e-6));
      }),
    );
  });

  test('law: λ/2 where policy and reference agree', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, fc.constantFrom(0.5, 1, 2), async (inputs, w) => {
        const still = { ...inputs, policyLogps: inputs.referenceLogps!, policyKlLogps: inputs.referenceKlLogps! };
        expectFloat32([(await run(still, { desirableWeight: w, undesirableWeight: w })).value], [w / 2]);
      }),
    );
  });

  test('law: desirable up, undesirable down, each by at most λβ/(4B)', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, beta, async (inputs, b) => {
        const { gradients } = await run(inputs, { beta: b });
        const most = (b / 4 / inputs.labels!.length) * (1 + 1e-6);
        gradients.policyLogps!.forEach((g, i) => {
          expect(flat(inputs.labels!)[i]! > 0 ? g <= 0 : g >= 0).toBe(true);
          expect(Math.abs(g)).toBeLessThanOrEqual(most);
        });
      }),
    );
  });

  test('law: z is never negative: mismatched pairs below the reference are as good as equal ones', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const lower = { ...inputs, policyKlLogps: flat(inputs.referenceKlLogps!).map((x) => x - 1000) };
        const equal = { ...inputs, policyKlLogps: inputs.referenceKlLogps! };
        expect(await run(lower)).toEqual(await run(equal));
      }),
    );
  });

  test('law: a larger z raises the desirable loss and lowers the undesirable one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 20 }), async (delta, z) => {
        const at = async (label: number, kl: number): Promise<number> =>
          (
            await run({
              policyLogps: [delta],
              referenceLogps: [0],
              labels: [label],
              policyKlLogps: [kl, kl],
              referenceKlLogps: [0, 0],
            })
          ).value;
        expect(await at(1, z)).toBeGreaterThan(await at(1, 0));
        expect(await at(0, z)).toBeLessThan(await at(0, 0));
      }),
    );
  });

  test('law: turning all labels and the sign of u exchanges the classes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -60, max: 60 }), async (delta) => {
        const at = async (label: number, d: number): Promise<number> =>
          (
            await run({
              policyLogps: [d],
              referenceLogps: [0],
              labels: [label],
              policyKlLogps: [0, 0],
              referenceKlLogps: [0, 0],
            })
          ).value;
        expectFloat32([await at(0, -delta)], [await at(1, delta)]);
      }),
    );
  });

  test('law: the loss is the sum of what its classes contribute', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const normalizer = inputs.labels!.length;
        const only = async (label: number): Promise<number> => {
          const rows = flat(inputs.labels!).flatMap((l, i) => (l === label ? [i] : []));
          const pick = (name: string): number[] => rows.map((i) => flat(inputs[name]!)[i]!);
          const part = {
            ...inputs,
            policyLogps: pick('policyLogps'),
            referenceLogps: pick('referenceLogps'),
            labels: pick('labels'),
          };
          return rows.length === 0 ? 0 : (await run(part, { normalizer })).value;
        };
        expectFloat32([(await only(0)) + (await only(1))], [(await run(inputs)).value]);
      }),
    );
  });

  test('law: the divisor counts all mismatched pairs (TRL) or the changed ones (HALOs)', async () => {
    const kl = { policyKlLogps: [2, 0], referenceKlLogps: [0, 0] };
    const at = async (klDivisor: string): Promise<number> =>
      (await run({ policyLogps: [3], referenceLogps: [0], labels: [1], ...kl }, { klDivisor })).value;
    expectFloat32(
      [await at('all'), await at('nonzero')],
      [reference.sigmoid(-0.1 * (3 - 1)), reference.sigmoid(-0.1 * (3 - 2))],
    );
  });

  test('edge: with every mismatched pair unchanged, nonzero divides by 1 and not by 0', async () => {
    const still = {
      policyLogps: [3],
      referenceLogps: [0],
      labels: [1],
      policyKlLogps: [0, 0],
      referenceKlLogps: [0, 0],
    };
    expectFloat32([(await run(still, { klDivisor: 'nonzero' })).value], [reference.sigmoid(-0.3)]);
  });
});
