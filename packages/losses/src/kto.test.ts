import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ktoLoss } from './kto.ts';
import type { KtoArrays } from './reference/index.ts';
import * as reference from './reference/index.ts';
import { inputsOf } from './testing/arbitraries.ts';
import { type Arrays, evaluateLoss, flat } from './testing/arrays.ts';
import { onBackend } from './testing/backend.ts';
import { ktoSpecs } from './testing/cases.ts';
import { expectFloat32, expectFloat64 } from './testing/close.ts';
import { golden, numbers } from './testing/golden.ts';
import { beta, countRows, type LossCase } from './testing/loss-case.ts';
import { lossContract } from './testing/loss-contract.ts';

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
  normalizer: countRows,
};

const run = (inputs: Arrays, options: object = {}) =>
  evaluateLoss((t) => ktoLoss(t as never, options), inputs, ['policyLogps']);

type Basic = Record<'pc' | 'pr' | 'pk' | 'rc' | 'rr' | 'rk', number[]>;
const basic = golden['kto.basic'].inputs as unknown as Basic;
const batch: Arrays = {
  policyLogps: [...basic.pc, ...basic.pr],
  referenceLogps: [...basic.rc, ...basic.rr],
  labels: [1, 1, 0],
  policyKlLogps: basic.pk,
  referenceKlLogps: basic.rk,
};
const single = (i: number): Arrays => ({
  ...batch,
  policyLogps: [flat(batch.policyLogps)[i]],
  referenceLogps: [flat(batch.referenceLogps)[i]],
  labels: [flat(batch.labels)[i]],
});

onBackend('ktoLoss', () => {
  test('golden kto.basic: losses, mean and gradients of TRL', () => {
    const options = { desirableWeight: 1, undesirableWeight: 1.33 };
    const exact = reference.ktoLoss(batch as unknown as KtoArrays, options);
    const gradient = [...numbers('kto.basic', 'grad_pc'), ...numbers('kto.basic', 'grad_pr')];
    expectFloat64([exact.value], numbers('kto.basic', 'mean'));
    expectFloat64(flat(exact.gradients.policyLogps), gradient);
    const tensors = run(batch, options);
    expectFloat32([tensors.value], numbers('kto.basic', 'mean'));
    expectFloat32(tensors.gradients.policyLogps, gradient);
    numbers('kto.basic', 'losses').forEach((loss, i) => {
      expectFloat64([reference.ktoLoss(single(i) as unknown as KtoArrays, options).value], [loss]);
      expectFloat32([run(single(i), options).value], [loss]);
    });
  });

  test('golden kto.negativeKL: z is clamped at 0', () => {
    const below = { policyKlLogps: [-40, -33, -27], referenceKlLogps: [-30, -30, -20] };
    numbers('kto.negativeKL', 'losses').forEach((loss, i) => {
      expectFloat64([reference.ktoLoss({ ...single(i), ...below } as unknown as KtoArrays).value], [loss]);
      expectFloat32([run({ ...single(i), ...below }).value], [loss]);
    });
  });

  test('golden kto.single_class: z = 1.25, only desirable examples', () => {
    const lone = {
      ...batch,
      policyLogps: [-10, -20],
      referenceLogps: [-12, -19],
      labels: [1, 1],
      policyKlLogps: [1, 1.5],
      referenceKlLogps: [0, 0],
    };
    expectFloat64([reference.ktoLoss(lone as unknown as KtoArrays).value], numbers('kto.single_class', 'mean'));
    expectFloat32([run(lone).value], numbers('kto.single_class', 'mean'));
  });

  lossContract(subject);

  const drawn = inputsOf(ktoSpecs, 2);

  test('law: between 0 and the larger weight', () => {
    fc.assert(
      fc.property(drawn, beta, (inputs, b) => {
        const { value } = run(inputs, { beta: b, desirableWeight: 1.5 });
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1.5 * (1 + 1e-6));
      }),
    );
  });

  test('law: λ/2 where policy and reference agree', () => {
    fc.assert(
      fc.property(drawn, fc.constantFrom(0.5, 1, 2), (inputs, w) => {
        const still = { ...inputs, policyLogps: inputs.referenceLogps, policyKlLogps: inputs.referenceKlLogps };
        expectFloat32([run(still, { desirableWeight: w, undesirableWeight: w }).value], [w / 2]);
      }),
    );
  });

  test('law: desirable up, undesirable down, each by at most λβ/(4B)', () => {
    fc.assert(
      fc.property(drawn, beta, (inputs, b) => {
        const { gradients } = run(inputs, { beta: b });
        const most = (b / 4 / inputs.labels.length) * (1 + 1e-6);
        gradients.policyLogps.forEach((g, i) => {
          expect(flat(inputs.labels)[i] > 0 ? g <= 0 : g >= 0).toBe(true);
          expect(Math.abs(g)).toBeLessThanOrEqual(most);
        });
      }),
    );
  });

  test('law: z is never negative: mismatched pairs below the reference are as good as equal ones', () => {
    fc.assert(
      fc.property(drawn, (inputs) => {
        const lower = { ...inputs, policyKlLogps: flat(inputs.referenceKlLogps).map((x) => x - 1000) };
        const equal = { ...inputs, policyKlLogps: inputs.referenceKlLogps };
        expect(run(lower)).toEqual(run(equal));
      }),
    );
  });

  test('law: a larger z raises the desirable loss and lowers the undesirable one', () => {
    fc.assert(
      fc.property(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 20 }), (delta, z) => {
        const at = (label: number, kl: number): number =>
          run({
            policyLogps: [delta],
            referenceLogps: [0],
            labels: [label],
            policyKlLogps: [kl, kl],
            referenceKlLogps: [0, 0],
          }).value;
        expect(at(1, z)).toBeGreaterThan(at(1, 0));
        expect(at(0, z)).toBeLessThan(at(0, 0));
      }),
    );
  });

  test('law: turning all labels and the sign of u exchanges the classes', () => {
    fc.assert(
      fc.property(fc.integer({ min: -60, max: 60 }), (delta) => {
        const at = (label: number, d: number): number =>
          run({
            policyLogps: [d],
            referenceLogps: [0],
            labels: [label],
            policyKlLogps: [0, 0],
            referenceKlLogps: [0, 0],
          }).value;
        expectFloat32([at(0, -delta)], [at(1, delta)]);
      }),
    );
  });

  test('law: the loss is the sum of what its classes contribute', () => {
    fc.assert(
      fc.property(drawn, (inputs) => {
        const normalizer = inputs.labels.length;
        const only = (label: number): number => {
          const rows = flat(inputs.labels).flatMap((l, i) => (l === label ? [i] : []));
          const pick = (name: string): number[] => rows.map((i) => flat(inputs[name])[i]);
          const part = {
            ...inputs,
            policyLogps: pick('policyLogps'),
            referenceLogps: pick('referenceLogps'),
            labels: pick('labels'),
          };
          return rows.length === 0 ? 0 : run(part, { normalizer }).value;
        };
        expectFloat32([only(0) + only(1)], [run(inputs).value]);
      }),
    );
  });

  test('law: the divisor counts all mismatched pairs (TRL) or the changed ones (HALOs)', () => {
    const kl = { policyKlLogps: [2, 0], referenceKlLogps: [0, 0] };
    const at = (klDivisor: string): number =>
      run({ policyLogps: [3], referenceLogps: [0], labels: [1], ...kl }, { klDivisor }).value;
    expectFloat32([at('all'), at('nonzero')], [reference.sigmoid(-0.1 * (3 - 1)), reference.sigmoid(-0.1 * (3 - 2))]);
  });

  test('edge: with every mismatched pair unchanged, nonzero divides by 1 and not by 0', () => {
    const still = {
      policyLogps: [3],
      referenceLogps: [0],
      labels: [1],
      policyKlLogps: [0, 0],
      referenceKlLogps: [0, 0],
    };
    expectFloat32([run(still, { klDivisor: 'nonzero' }).value], [reference.sigmoid(-0.3)]);
  });

  test('errors: a batch of one has nothing to be mismatched with', () => {
    const lone = { policyLogps: [-1], referenceLogps: [-1], labels: [1], policyKlLogps: [-2], referenceKlLogps: [-2] };
    expect(() => run(lone)).toThrow(RangeError);
    expect(() => run(lone)).toThrow(
      'ktoLoss: policyKlLogps must hold at least 2 mismatched pairs, got 1 (a batch of one',
    );
  });

  test('errors: weights, β and divisor out of range', () => {
    expect(() => run(batch, { beta: 0 })).toThrow('ktoLoss: beta must be a finite number > 0, got 0');
    expect(() => run(batch, { desirableWeight: -1 })).toThrow(
      'ktoLoss: desirableWeight must be a finite number ≥ 0, got -1',
    );
    expect(() => run(batch, { undesirableWeight: Number.NaN })).toThrow(
      'ktoLoss: undesirableWeight must be a finite number ≥ 0, got NaN',
    );
    expect(() => run(batch, { klDivisor: 'some' })).toThrow(`ktoLoss: klDivisor must be 'all' | 'nonzero', got "some"`);
  });
});
