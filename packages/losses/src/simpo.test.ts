import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reference from './reference/index.ts';
import { simpoLoss } from './simpo.ts';
import { inputsOf } from './testing/arbitraries.ts';
import { type Arrays, evaluateLoss, flat } from './testing/arrays.ts';
import { onBackend } from './testing/backend.ts';
import { lengthSpecs } from './testing/cases.ts';
import { expectFloat32 } from './testing/close.ts';
import { beta, countRows, type LossCase } from './testing/loss-case.ts';
import { lossContract } from './testing/loss-contract.ts';

const subject: LossCase = {
  name: 'simpoLoss',
  inputs: lengthSpecs,
  options: fc.record({ beta, margin: fc.constantFrom(0, 0.5, 3) }),
  loss: (inputs, options) => simpoLoss(inputs as never, options),
  reference: (inputs, options) => reference.simpoLoss(inputs as never, options),
  normalizer: countRows,
};

const trained = ['policyChosenLogps', 'policyRejectedLogps'];
const run = (inputs: Arrays, options: object = {}) =>
  evaluateLoss((t) => simpoLoss(t as never, options), inputs, trained);
const pair = (chosen: number, rejected: number, lengths: [number, number] = [4, 4]): Arrays => ({
  policyChosenLogps: [chosen],
  policyRejectedLogps: [rejected],
  chosenLengths: [lengths[0]],
  rejectedLengths: [lengths[1]],
});

onBackend('simpoLoss', () => {
  lossContract(subject);

  test('law: softplus(γ) where both means agree', () => {
    fc.assert(
      fc.property(fc.integer({ min: -50, max: 0 }), fc.constantFrom(0, 1, 3), (mean, margin) => {
        expectFloat32([run(pair(mean * 3, mean * 5, [3, 5]), { margin }).value], [reference.softplus(margin)]);
      }),
    );
  });

  test('law: only means count: log-probs and lengths doubled together change nothing', () => {
    fc.assert(
      fc.property(inputsOf(lengthSpecs, 2), (inputs) => {
        const long = Object.fromEntries(
          Object.entries(inputs).map(([name, row]) => [
            name,
            flat(row).map((x) => Math.max(2 * x, name.endsWith('Lengths') ? 2 : -1e9)),
          ]),
        );
        const base = {
          ...inputs,
          chosenLengths: flat(inputs.chosenLengths).map((n) => Math.max(n, 1)),
          rejectedLengths: flat(inputs.rejectedLengths).map((n) => Math.max(n, 1)),
        };
        expectFloat32([run(long, { beta: 2 }).value], [run(base, { beta: 2 }).value]);
      }),
    );
  });

  test('law: with γ = 0, swapping the sides changes the loss by the mean logit', () => {
    fc.assert(
      fc.property(fc.integer({ min: -40, max: 0 }), fc.integer({ min: -40, max: 0 }), (chosen, rejected) => {
        const difference =
          run(pair(chosen, rejected), { margin: 0 }).value - run(pair(rejected, chosen), { margin: 0 }).value;
        expect(difference).toBeCloseTo((-10 * (chosen - rejected)) / 4, 3);
      }),
    );
  });

  test('law: a larger margin asks for more', () => {
    fc.assert(
      fc.property(fc.integer({ min: -4, max: 0 }), fc.integer({ min: -4, max: 0 }), (chosen, rejected) => {
        expect(run(pair(chosen, rejected), { margin: 1.5 }).value).toBeGreaterThan(
          run(pair(chosen, rejected), { margin: 1 }).value,
        );
      }),
    );
  });

  test('law: chosen up, rejected down, by at most β/(n·B)', () => {
    fc.assert(
      fc.property(inputsOf(lengthSpecs, 2), beta, (inputs, b) => {
        const { gradients } = run(inputs, { beta: b });
        const rows = inputs.chosenLengths.length;
        gradients.policyChosenLogps.forEach((g, i) => {
          expect(g <= 0 && -g <= (b / rows / Math.max(flat(inputs.chosenLengths)[i], 1)) * (1 + 1e-6)).toBe(true);
        });
        expect(gradients.policyRejectedLogps.every((g) => g >= 0)).toBe(true);
      }),
    );
  });

  test('edge: an empty completion counts as one token', () => {
    expect(run(pair(0, -4, [0, 4]))).toEqual(run(pair(0, -4, [1, 4])));
  });

  test('errors: β and margin', () => {
    expect(() => run(pair(0, 0), { beta: 0 })).toThrow('simpoLoss: beta must be a finite number > 0, got 0');
    expect(() => run(pair(0, 0), { margin: Number.NaN })).toThrow('simpoLoss: margin must be a finite number, got NaN');
  });
});
