import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dvoKtoLoss } from './dvo-kto.ts';
import type { Matrix } from './reference/index.ts';
import * as reference from './reference/index.ts';
import { type InputSpecs, inputsOf } from './testing/arbitraries.ts';
import { type Arrays, evaluateLoss, flat } from './testing/arrays.ts';
import { onBackend } from './testing/backend.ts';
import { expectFloat32, expectFloat64 } from './testing/close.ts';
import { golden, numbers } from './testing/golden.ts';
import { beta, countByReduction, type LossCase } from './testing/loss-case.ts';
import { lossContract } from './testing/loss-contract.ts';

const specs: InputSpecs = {
  policyLogps: { shape: 'B S', kind: 'logps', trained: true },
  referenceLogps: { shape: 'B S', kind: 'reference' },
  credits: { shape: 'B S', kind: 'rewards' },
  mask: { shape: 'B S', kind: 'mask' },
  policyKlLogps: { shape: 'M', kind: 'logps' },
  referenceKlLogps: { shape: 'M', kind: 'reference' },
};

const subject: LossCase = {
  name: 'dvoKtoLoss',
  inputs: specs,
  options: fc.record({ beta, reduction: fc.constantFrom('trajectory', 'step') }),
  loss: (inputs, options) => dvoKtoLoss(inputs as never, options),
  reference: (inputs, options) => reference.dvoKtoLoss(inputs as never, options),
  normalizer: countByReduction,
};

const run = (inputs: Arrays, options: object = {}) =>
  evaluateLoss((t) => dvoKtoLoss(t as never, options), inputs, ['policyLogps']);
const step = (delta: number, credit: number): Arrays => ({
  policyLogps: [[delta]],
  referenceLogps: [[0]],
  credits: [[credit]],
  mask: [[1]],
  policyKlLogps: [0],
  referenceKlLogps: [0],
});

onBackend('dvoKtoLoss', () => {
  test('golden dvo.kto_variant', () => {
    const inputs = golden['dvo.mse'].inputs as unknown as Record<'pi' | 'ref' | 'credits', Matrix>;
    numbers('dvo.kto_variant', 'row_losses').forEach((loss, i) => {
      const row = {
        policyLogps: [inputs.pi[i]],
        referenceLogps: [inputs.ref[i]],
        credits: [inputs.credits[i]],
        mask: [inputs.credits[i].map((c) => Number(c !== -100))],
        policyKlLogps: [-9],
        referenceKlLogps: [-8],
      };
      expectFloat64([reference.dvoKtoLoss(row).value], [loss]);
      expectFloat32([run(row).value], [loss]);
    });
  });

  lossContract(subject);

  test('law: the weight is |c|, but at least 0.1', () => {
    fc.assert(
      fc.property(fc.integer({ min: -16, max: 16 }), fc.integer({ min: -40, max: 40 }), (eighths, delta) => {
        const credit = eighths / 8;
        const sign = credit >= 0 ? 1 : -1;
        const expected = Math.max(Math.abs(credit), 0.1) * reference.sigmoid(-0.1 * sign * delta);
        expectFloat32([run(step(delta, credit)).value], [expected]);
      }),
    );
  });

  test('law: half the mean weight where policy and reference agree', () => {
    fc.assert(
      fc.property(inputsOf(specs, 1), (inputs) => {
        const still = { ...inputs, policyLogps: inputs.referenceLogps, policyKlLogps: inputs.referenceKlLogps };
        const full = { ...still, mask: (inputs.mask as Matrix).map((row) => row.map(() => 1)) };
        const weights = flat(inputs.credits).map((c) => Math.max(Math.abs(c), 0.1) / 2);
        expectFloat32([run(full).value], [weights.reduce((a, b) => a + b, 0) / weights.length]);
      }),
    );
  });

  test('law: steps of credit ≥ 0 go up, others down', () => {
    fc.assert(
      fc.property(fc.integer({ min: -16, max: 16 }), fc.integer({ min: -40, max: 40 }), (eighths, delta) => {
        const [g] = run(step(delta, eighths / 8)).gradients.policyLogps;
        expect(Math.sign(g)).toBe(eighths >= 0 ? -1 : 1);
      }),
    );
  });

  test('errors: options and missing mismatched steps', () => {
    expect(() => run(step(0, 1), { beta: 0 })).toThrow('dvoKtoLoss: beta must be a finite number > 0, got 0');
    expect(() => run(step(0, 1), { reduction: 'sum' })).toThrow(
      `dvoKtoLoss: reduction must be 'trajectory' | 'step', got "sum"`,
    );
    const none = { ...step(0, 1), policyKlLogps: [], referenceKlLogps: [] };
    expect(() => run(none)).toThrow('dvoKtoLoss: policyKlLogps must hold at least 1 mismatched step, got 0');
  });
});
