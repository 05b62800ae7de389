import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InputSpecs } from '../manifest/manifest.ts';
import type { DroArrays } from '../reference/index.ts';
import * as reference from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { type Arrays, evaluateLoss, flat } from '../test-support/cases/arrays.ts';
import { golden, numbers } from '../test-support/cases/golden.ts';
import { countRows, type LossCase } from '../test-support/cases/loss-case.ts';
import { lossContract } from '../test-support/contract/loss-contract.ts';
import { notFinite, notPositive } from '../test-support/contract/refusals.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { expectFloat32, expectFloat64 } from '../test-support/running/close.ts';
import { droPolicyLoss, droValueLoss } from './dro.ts';

const specs = (trained: 'policyLogps' | 'values'): InputSpecs => ({
  policyLogps: { shape: 'B', kind: 'logps', ...(trained === 'policyLogps' ? { trained: true } : {}) },
  referenceLogps: { shape: 'B', kind: 'reference' },
  values: { shape: 'B', kind: 'values', ...(trained === 'values' ? { trained: true } : {}) },
  rewards: { shape: 'B', kind: 'rewards' },
});
const options = fc.record({ tau: fc.constantFrom(0.01, 0.5, 1, 3), scale: fc.constantFrom(0.5, 1, 2) });

const policy: LossCase = {
  name: 'droPolicyLoss',
  inputs: specs('policyLogps'),
  options,
  loss: (inputs, given) => droPolicyLoss(inputs as never, given),
  reference: (inputs, given) => reference.droPolicyLoss(inputs as unknown as DroArrays, given),
  resolution: 1e-13,
  refusals: [...notPositive('tau', 'it multiplies log π/π_ref, as β does elsewhere'), ...notFinite('scale')],
  normalizer: countRows,
};
const value: LossCase = {
  ...policy,
  name: 'droValueLoss',
  inputs: specs('values'),
  loss: (inputs, given) => droValueLoss(inputs as never, given),
  reference: (inputs, given) => reference.droValueLoss(inputs as unknown as DroArrays, given),
};

const runPolicy = (inputs: Arrays, given: object = {}) =>
  evaluateLoss((t) => droPolicyLoss(t as never, given), inputs, ['policyLogps']);
const runValue = (inputs: Arrays, given: object = {}) =>
  evaluateLoss((t) => droValueLoss(t as never, given), inputs, ['values']);
const paper = golden['dro.paper'] as unknown as Record<'pi' | 'ref' | 'v' | 'r', number[]>;
const batch: Arrays = { policyLogps: paper.pi, referenceLogps: paper.ref, values: paper.v, rewards: paper.r };
const drawn = inputsOf(specs('policyLogps'), 1);

onBackend('droPolicyLoss', () => {
  test('golden dro.paper', async () => {
    const exact = reference.droPolicyLoss(batch as unknown as DroArrays);
    expectFloat64(
      [exact.value, ...flat(exact.gradients.policyLogps)],
      [...numbers('dro.paper', 'loss'), ...numbers('dro.paper', 'grad_pi')],
    );
    const own = await runPolicy(batch);
    expectFloat32(
      [own.value, ...own.gradients.policyLogps!],
      [...numbers('dro.paper', 'loss'), ...numbers('dro.paper', 'grad_pi')],
    );
  });

  lossContract(policy);

  test('law: 0 with zero gradient exactly where V = r − τΔ', async () => {
    const eighth = fc.integer({ min: -40, max: 40 }).map((k) => k / 8);
    await fc.assert(
      fc.asyncProperty(eighth, eighth, async (delta, reward) => {
        const met = { policyLogps: [delta], referenceLogps: [0], values: [reward - delta], rewards: [reward] };
        expect((await runPolicy(met)).value).toBe(0);
        expect((await runPolicy({ ...met, values: [reward - delta + 0.125] })).value).toBeGreaterThan(0);
      }),
    );
  });

  test('law: a constant on rewards and values changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -8, max: 8 }), async (quarter, shift) => {
        const at = async (by: number) =>
          await runPolicy({ policyLogps: [-3], referenceLogps: [-4], values: [quarter / 4 + by], rewards: [1 + by] });
        expect(await at(shift)).toEqual(await at(0));
      }),
    );
  });

  test('law: its gradient is τ times the value loss’s, its value the same', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, fc.constantFrom(0.25, 1, 2), async (inputs, tau) => {
        const [p, v] = [await runPolicy(inputs, { tau }), await runValue(inputs, { tau })];
        expect(p.value).toBe(v.value);
        expectFloat32(
          p.gradients.policyLogps!,
          v.gradients.values!.map((g) => g * tau),
        );
      }),
    );
  });

  test('law: one token, one trajectory: OREO’s square, halved', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const column = (name: string): number[][] => flat(inputs[name]!).map((x) => [x]);
        const oreo = reference.oreoPolicyLoss(
          {
            policyLogps: column('policyLogps'),
            referenceLogps: column('referenceLogps'),
            values: column('values'),
            rewards: column('rewards'),
            mask: column('rewards').map(() => [1]),
          },
          { beta: 0.5 },
        );
        expectFloat32([(await runPolicy(inputs, { tau: 0.5 })).value], [0.5 * oreo.value]);
      }),
    );
  });
});

onBackend('droValueLoss', () => {
  test('golden dro.paper', async () => {
    const own = await runValue(batch);
    expectFloat64(
      flat(reference.droValueLoss(batch as unknown as DroArrays).gradients.values),
      numbers('dro.paper', 'grad_v'),
    );
    expectFloat32(
      [own.value, ...own.gradients.values!],
      [...numbers('dro.paper', 'loss'), ...numbers('dro.paper', 'grad_v')],
    );
  });

  lossContract(value);

  test('law: where policy and reference agree it is half the mean squared error', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const still = { ...inputs, policyLogps: inputs.referenceLogps! };
        const errors = flat(inputs.rewards!).map((r, i) => (r - flat(inputs.values!)[i]!) ** 2);
        expectFloat32([(await runValue(still)).value], [(0.5 * errors.reduce((a, b) => a + b, 0)) / errors.length]);
      }),
    );
  });
});
