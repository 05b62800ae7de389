import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InputSpecs } from '../manifest/manifest.ts';
import type { SvpoArrays } from '../reference/index.ts';
import * as reference from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { type Arrays, evaluateLoss, flat } from '../test-support/cases/arrays.ts';
import { golden, numbers } from '../test-support/cases/golden.ts';
import { beta, countRows, type LossCase } from '../test-support/cases/loss-case.ts';
import { pairOf, pairSpecs, swapSides } from '../test-support/cases/pair-case.ts';
import { lossContract } from '../test-support/contract/loss-contract.ts';
import { negative, notFinite, unknownWord, wrongBeta } from '../test-support/contract/refusals.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { expectFloat32, expectFloat64 } from '../test-support/running/close.ts';
import { svpoLoss } from './svpo.ts';

const specs: InputSpecs = {
  ...pairSpecs,
  chosenValues: { shape: 'B', kind: 'values', trained: true },
  rejectedValues: { shape: 'B', kind: 'values', trained: true },
};
const trained = Object.keys(specs).filter((name) => specs[name]!.trained);

const subject: LossCase = {
  name: 'svpoLoss',
  inputs: specs,
  options: fc.record({
    beta,
    margin: fc.constantFrom(0.5, 1, 3),
    marginWeight: fc.constantFrom(0, 0.25, 1),
    regularizerWeight: fc.constantFrom(0, 0.001, 0.5),
    regularizerTarget: fc.constantFrom('value', 'policy', 'none'),
  }),
  loss: (inputs, options) => svpoLoss(inputs as never, options),
  reference: (inputs, options, frozen) =>
    reference.svpoLoss(inputs as unknown as SvpoArrays, options, frozen as unknown as SvpoArrays),
  smooth: (inputs, options) =>
    flat(inputs.chosenValues!).every(
      (v, i) => Math.abs(Number(options.margin) - v + flat(inputs.rejectedValues!)[i]!) > 1e-3,
    ),
  resolution: 1e-15,
  refusals: [
    ...wrongBeta,
    ...notFinite('margin'),
    ...negative('marginWeight'),
    ...negative('regularizerWeight'),
    ...unknownWord('regularizerTarget', ['value', 'policy', 'none']),
  ],
  normalizer: countRows,
};

const run = (inputs: Arrays, options: object = {}) =>
  evaluateLoss((t) => svpoLoss(t as never, options), inputs, trained);
const step = (chosen: number, rejected: number, values: [number, number]): Arrays => ({
  ...pairOf(chosen, rejected),
  chosenValues: [values[0]],
  rejectedValues: [values[1]],
});

onBackend('svpoLoss', () => {
  test('golden svpo.pair: value and gradients by autograd', async () => {
    const given = golden['svpo.pair']!.inputs as unknown as Record<
      'pi_w' | 'pi_l' | 'ref_w' | 'ref_l' | 'v_w' | 'v_l',
      number[]
    >;
    const inputs = {
      policyChosenLogps: given.pi_w,
      policyRejectedLogps: given.pi_l,
      referenceChosenLogps: given.ref_w,
      referenceRejectedLogps: given.ref_l,
      chosenValues: given.v_w,
      rejectedValues: given.v_l,
    };
    const [exact, tensors] = [reference.svpoLoss(inputs), await run(inputs)];
    expectFloat64([exact.value], numbers('svpo.pair', 'loss'));
    expectFloat64(flat(exact.gradients.policyChosenLogps), numbers('svpo.pair', 'grad_pi_w'));
    expectFloat64(flat(exact.gradients.chosenValues), numbers('svpo.pair', 'grad_v_w'));
    expectFloat32([tensors.value], numbers('svpo.pair', 'loss'));
    expectFloat32(tensors.gradients.policyChosenLogps!, numbers('svpo.pair', 'grad_pi_w'));
    expectFloat32(tensors.gradients.chosenValues!, numbers('svpo.pair', 'grad_v_w'));
  });

  lossContract(subject);

  const drawn = inputsOf(specs, 1);

  test('law: with both weights 0 it is DPO, and the values receive nothing', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, beta, async (inputs, b) => {
        const own = await run(inputs, { beta: b, marginWeight: 0, regularizerWeight: 0 });
        const dpo = reference.dpoLoss(inputs as never, { beta: b });
        expectFloat32([own.value], [dpo.value]);
        expectFloat32(own.gradients.policyChosenLogps!, flat(dpo.gradients.policyChosenLogps));
        expect(own.gradients.chosenValues!.every((g) => Math.abs(g) === 0)).toBe(true);
      }),
    );
  });

  test('law: ln 2 + w_m·γ where policy and reference agree and the values are equal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(0.25, 0.5, 1), fc.constantFrom(0, 0.25, 2), async (margin, marginWeight) => {
        expectFloat32(
          [(await run(step(0, 0, [0.3, 0.3]), { margin, marginWeight })).value],
          [Math.LN2 + marginWeight * margin],
        );
      }),
    );
  });

  test('law: the margin term is 0 exactly when h_φ ≥ γ, and at the edge its subgradient is 0', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -8, max: 8 }), async (eighths) => {
        const gap = eighths / 8;
        const { value, gradients } = await run(step(0, 0, [gap, 0]), { regularizerWeight: 0 });
        expectFloat32([value - Math.LN2], [0.25 * Math.max(0, 0.5 - gap)], 1e7);
        expect(gradients.chosenValues![0] === (gap < 0.5 ? -0.25 : 0)).toBe(true);
      }),
    );
  });

  test('law: values within (−1, 1) can never meet a margin of 2', async () => {
    const v = fc.double({ min: -0.999, max: 0.999, noNaN: true });
    await fc.assert(
      fc.asyncProperty(v, v, async (w, l) => {
        const { gradients } = await run(step(0, 0, [Math.fround(w), Math.fround(l)]), {
          margin: 2,
          regularizerWeight: 0,
        });
        expect(gradients.chosenValues![0]).toBe(-0.25);
      }),
    );
  });

  test('law: the regulariser is 0 exactly where h_θ = h_φ', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -16, max: 16 }), async (sixteenths) => {
        const gap = sixteenths / 16;
        const inputs = step(8 * gap, 0, [gap, 0]);
        const tied = await run(inputs, { beta: 0.125, marginWeight: 0, regularizerWeight: 1 });
        const free = await run(inputs, { beta: 0.125, marginWeight: 0, regularizerWeight: 0 });
        expect(tied).toEqual(free);
      }),
    );
  });

  test('law: what the regulariser pulls: the policy when the value is its target, and the reverse', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const options = { marginWeight: 0, regularizerWeight: 0.5 };
        const free = await run(inputs, { ...options, regularizerWeight: 0 });
        const toValue = await run(inputs, { ...options, regularizerTarget: 'value' });
        const toPolicy = await run(inputs, { ...options, regularizerTarget: 'policy' });
        expect(toValue.gradients.chosenValues!.every((g) => Math.abs(g) === 0)).toBe(true);
        expect(toPolicy.gradients.policyChosenLogps).toEqual(free.gradients.policyChosenLogps);
        expect(toPolicy.value).toBe(toValue.value);
      }),
    );
  });

  test('law: swapping the sides negates both margins', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const swapped = {
          ...swapSides(inputs),
          chosenValues: inputs.rejectedValues!,
          rejectedValues: inputs.chosenValues!,
        };
        const [there, back] = [await run(inputs, { marginWeight: 0 }), await run(swapped, { marginWeight: 0 })];
        const h = flat(inputs.policyChosenLogps!).map(
          (logp, i) =>
            0.1 *
            (logp -
              flat(inputs.referenceChosenLogps!)[i]! -
              flat(inputs.policyRejectedLogps!)[i]! +
              flat(inputs.referenceRejectedLogps!)[i]!),
        );
        expect(there.value - back.value).toBeCloseTo(-h.reduce((a, b) => a + b, 0) / h.length, 4);
      }),
    );
  });

  test('law: both sides receive opposite gradients', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const { gradients } = await run(inputs);
        expect(gradients.policyChosenLogps!.map((g, i) => Math.abs(g + gradients.policyRejectedLogps![i]!))).toEqual(
          flat(inputs.chosenValues!).map(() => 0),
        );
        expect(gradients.chosenValues!.map((g, i) => Math.abs(g + gradients.rejectedValues![i]!))).toEqual(
          flat(inputs.chosenValues!).map(() => 0),
        );
      }),
    );
  });
});
