import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InputSpecs } from '../manifest/manifest.ts';
import type { DqoArrays, Matrix } from '../reference/index.ts';
import * as reference from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { type Arrays, evaluateLoss, flat } from '../test-support/cases/arrays.ts';
import { tokenSpecs } from '../test-support/cases/cases.ts';
import { numbers } from '../test-support/cases/golden.ts';
import { goldenTokens } from '../test-support/cases/golden-tokens.ts';
import { beta, countByReduction, type LossCase } from '../test-support/cases/loss-case.ts';
import { lossContract } from '../test-support/contract/loss-contract.ts';
import { notBoolean, notPositive, outside, unknownWord, wrongBeta } from '../test-support/contract/refusals.ts';
import { inOperations, onBackend } from '../test-support/running/backend.ts';
import { expectFloat32, expectFloat64 } from '../test-support/running/close.ts';
import { dqoPolicyLoss, dqoValueLoss } from './dqo.ts';

const lambda = fc.constantFrom(0, 0.3, 0.95, 1);
const reduction = fc.constantFrom('row', 'flat');
const withBehavior = (trained: 'policyLogps' | 'values'): InputSpecs => ({
  ...tokenSpecs(trained),
  behaviorLogps: { shape: 'B T', kind: 'logps', optional: true },
});

const refusals = [
  ...wrongBeta,
  ...outside('lambda', '[0, 1]', [-1e-9, 1.1]),
  ...unknownWord('reduction', ['row', 'flat']),
  ...notPositive('importanceClip', 'it is the largest weight a trajectory can have'),
];

const policy: LossCase = {
  name: 'dqoPolicyLoss',
  inputs: withBehavior('policyLogps'),
  options: fc.record({
    beta,
    lambda,
    reduction,
    importanceClip: fc.constantFrom(1, Math.E, 4),
    policyTarget: fc.constantFrom('literal', 'mixed'),
  }),
  loss: (inputs, options) => dqoPolicyLoss(inputs as never, options),
  reference: (inputs, options, frozen) =>
    reference.dqoPolicyLoss(inputs as unknown as DqoArrays, options, frozen as unknown as DqoArrays),
  refusals: [...refusals, ...unknownWord('policyTarget', ['literal', 'mixed'])],
  resolution: 1e-13,
  normalizer: countByReduction,
};

/** With gradient into the future, the values, or both. */
const attached = (detachFuture: boolean, detachValues: boolean): LossCase => ({
  ...policy,
  inputs: {
    ...withBehavior('policyLogps'),
    ...(detachValues ? {} : { values: { shape: 'B T', kind: 'values', trained: true } }),
  },
  options: policy.options.map((options) => ({ ...options, detachFuture, detachValues })),
  refusals: [...policy.refusals, ...notBoolean('detachFuture'), ...notBoolean('detachValues')],
});

const value: LossCase = {
  ...policy,
  name: 'dqoValueLoss',
  refusals,
  inputs: withBehavior('values'),
  options: fc.record({ beta, lambda, reduction, importanceClip: fc.constantFrom(1, Math.E, 4) }),
  loss: (inputs, options) => dqoValueLoss(inputs as never, options),
  reference: (inputs, options, frozen) =>
    reference.dqoValueLoss(inputs as unknown as DqoArrays, options, frozen as unknown as DqoArrays),
};

const runPolicy = (inputs: Arrays, options: object = {}) =>
  evaluateLoss((t) => dqoPolicyLoss(t as never, options), inputs, ['policyLogps']);
const runValue = (inputs: Arrays, options: object = {}) =>
  evaluateLoss((t) => dqoValueLoss(t as never, options), inputs, ['values']);
const drawn = inputsOf(tokenSpecs('policyLogps'), 1);
const firstRow = Object.fromEntries(
  Object.entries(goldenTokens).map(([name, rows]) => [name, rows.slice(0, 1)]),
) as Arrays;
/** The squared residuals of the golden row, told apart by their gradients 2·β·δ/T. */
const residuals = async (options: object): Promise<number[]> =>
  (await runPolicy(firstRow, options)).gradients
    .policyLogps!.filter((_, t) => flat(firstRow.mask!)[t]! > 0)
    .map((g) => (g * 4) / (2 * 0.03));

onBackend('dqoPolicyLoss', () => {
  test('golden dqo.lam0.residuals: literal and mixed', async () => {
    for (const policyTarget of ['literal', 'mixed'] as const) {
      const expected = numbers('dqo.lam0.residuals', policyTarget);
      const exact = reference.dqoPolicyLoss(firstRow as unknown as DqoArrays, { lambda: 0, policyTarget });
      const own = flat(exact.gradients.policyLogps)
        .filter((_, t) => flat(firstRow.mask!)[t]! > 0)
        .map((g) => (g * 4) / (2 * 0.03));
      expectFloat64(own, expected);
      expectFloat64([exact.value], [expected.reduce((a, d) => a + d * d, 0) / 4]);
      expectFloat32(await residuals({ lambda: 0, policyTarget }), expected);
    }
  });

  test('golden oreo.token: DQO at λ = 1 with weight 1 is OREO', async () => {
    for (const policyTarget of ['literal', 'mixed']) {
      const own = await runPolicy(goldenTokens, { policyTarget });
      expectFloat32([own.value], numbers('oreo.token', 'L_pi'));
      expectFloat32(own.gradients.policyLogps!, numbers('oreo.token', 'grad_logp'));
    }
  });

  lossContract(policy);

  test('law: at λ = 1 it is OREO’s token loss, whatever the target', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, beta, fc.constantFrom('literal', 'mixed'), async (inputs, b, policyTarget) => {
        const oreo = reference.oreoPolicyLoss(inputs as unknown as DqoArrays, { beta: b });
        const own = await runPolicy(inputs, { beta: b, policyTarget });
        expectFloat32([own.value], [oreo.value], 1e3);
        expectFloat32(own.gradients.policyLogps!, flat(oreo.gradients.policyLogps), 1e3);
      }),
    );
  });

  test('law: mixed at λ = 0 is TD: (V_t − r_t + βΔ_t − V_{t+1})²', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const full = { ...inputs, mask: (inputs.mask as Matrix).map((row) => row.map(() => 1)) };
        const rows = await Promise.all(
          full.mask.map(
            async (row, i) =>
              await Promise.all(
                row.map(async (_, t) => {
                  const at = (name: string, k: number): number => (inputs[name] as Matrix)[i]![k] ?? 0;
                  return (
                    ((await at('values', t)) -
                      (await at('rewards', t)) +
                      0.03 * ((await at('policyLogps', t)) - (await at('referenceLogps', t))) -
                      (await at('values', t + 1))) **
                    2
                  );
                }),
              ),
          ),
        );
        const mean = rows.flat().reduce((a, x) => a + x, 0) / rows.flat().length;
        expectFloat32([(await runPolicy(full, { lambda: 0, policyTarget: 'mixed' })).value], [mean], 1e3);
      }),
    );
  });

  test('law: mixed at λ = 0 is twice DVO with the TD credits', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, beta, async (inputs, b) => {
        const next = (inputs.mask as Matrix).map((row, i) =>
          row.map((_, t) => {
            const later = row.findIndex((m, k) => k > t && m > 0);
            return later < 0 ? 0 : (inputs.values as Matrix)[i]![later]!;
          }),
        );
        const credits = reference.stepCredits(
          inputs.rewards as Matrix,
          inputs.values as Matrix,
          next,
          inputs.mask as Matrix,
        );
        const dvo = reference.dvoLoss({ ...(inputs as unknown as DqoArrays), credits }, { beta: b, scale: 1 });
        expectFloat32(
          [(await runPolicy(inputs, { lambda: 0, policyTarget: 'mixed', beta: b })).value],
          [dvo.value],
          1e3,
        );
      }),
    );
  });

  test('law: the behaviour policy enters as one weight a trajectory, capped, never below 0', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -3000, max: 3000 }),
        fc.constantFrom(1, Math.E, 10),
        async (ratio, importanceClip) => {
          const base = {
            policyLogps: [[-1, -1]],
            referenceLogps: [[-1, -1]],
            values: [[0.5, 0.5]],
            rewards: [[0, 1]],
            mask: [[1, 1]],
          };
          const own = await runPolicy(
            { ...base, behaviorLogps: [[-1 - ratio / 2, -1 - ratio / 2]] },
            { importanceClip },
          );
          const plain = await runPolicy(base);
          const weight = Math.exp(Math.min(Math.log(importanceClip), ratio));
          expectFloat32([own.value], [plain.value * weight]);
          expectFloat32(
            own.gradients.policyLogps!,
            plain.gradients.policyLogps!.map((g) => g * weight),
          );
        },
      ),
    );
  });

  test('law: with the policy itself as behaviour all weights are 1', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        expect(await runPolicy({ ...inputs, behaviorLogps: inputs.policyLogps! })).toEqual(await runPolicy(inputs));
      }),
    );
  });

  test('law: the literal target at λ = 0 looks two steps ahead, so it does not depend on the next value', async () => {
    const row = (next: number): Arrays => ({
      policyLogps: [[-1, -1, -1]],
      referenceLogps: [[-1, -1, -1]],
      values: [[0.5, next, 0.25]],
      rewards: [[0, 0, 1]],
      mask: [[1, 1, 1]],
    });
    const first = async (inputs: Arrays, policyTarget: string): Promise<number> =>
      (await runPolicy(inputs, { lambda: 0, policyTarget })).gradients.policyLogps![0]!;
    expect(await first(row(0), 'literal')).toBe(await first(row(9), 'literal'));
    expect(await first(row(0), 'mixed')).not.toBe(await first(row(9), 'mixed'));
  });
});

for (const [detachFuture, detachValues] of [
  [false, true],
  [true, false],
  [false, false],
]) {
  onBackend(`dqoPolicyLoss, detachFuture ${detachFuture}, detachValues ${detachValues}`, () => {
    lossContract(attached(detachFuture!, detachValues!));

    test('law: the value is that of the detached form', () =>
      fc.assert(
        fc.asyncProperty(drawn, lambda, async (inputs, l) => {
          const own = await runPolicy(inputs, { lambda: l, detachFuture, detachValues });
          expectFloat32([own.value], [(await runPolicy(inputs, { lambda: l })).value]);
        }),
      ));
  });
}

onBackend('dqoPolicyLoss, all attached', () => {
  test('law: at λ = 1 the gradient is that of (V_t − R_t + βΛ_t)² with nothing stopped: each token receives all earlier residuals', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const one = Object.fromEntries(
          Object.entries(inputs).map(([name, rows]) => [name, rows.slice(0, 1)]),
        ) as Arrays;
        const loose = await runPolicy(one, { detachFuture: false });
        const strict = await runPolicy(one);
        let total = 0;
        const running = strict.gradients.policyLogps!.map((g, t) => {
          total += g;
          return flat(one.mask!)[t]! > 0 ? total : 0;
        });
        const largest = Math.max(...strict.gradients.policyLogps!.map(Math.abs));
        // The gradients summed here are float32: what cancels is known to their accuracy.
        expectFloat32(loose.gradients.policyLogps!, running, inOperations ? largest : largest * 1e7);
      }),
    ));
});

onBackend('dqoValueLoss', () => {
  test('golden oreo.token: at λ = 1 it is OREO’s value loss', async () => {
    const own = await runValue(goldenTokens);
    expectFloat32([own.value], numbers('oreo.token', 'L_V'));
    expectFloat32(own.gradients.values!, numbers('oreo.token', 'grad_V'));
    expectFloat64([reference.dqoValueLoss(goldenTokens).value], numbers('oreo.token', 'L_V'));
  });

  test('golden dqo.is_weight: the reference as behaviour weighs the two rows', async () => {
    const weights = numbers('dqo.is_weight', 'w');
    const weighted = await runValue({ ...goldenTokens, behaviorLogps: goldenTokens.referenceLogps });
    const row = (i: number): Arrays =>
      Object.fromEntries(Object.entries(goldenTokens).map(([name, rows]) => [name, [rows[i]]])) as Arrays;
    expectFloat32(
      [weighted.value],
      [(weights[0]! * (await runValue(row(0))).value + weights[1]! * (await runValue(row(1))).value) / 2],
    );
  });

  lossContract(value);

  test('law: 0 for consistent values at every λ', async () => {
    const eighth = fc.integer({ min: -16, max: 16 }).map((k) => k / 8);
    await fc.assert(
      fc.asyncProperty(
        fc.array(eighth, { minLength: 4, maxLength: 4 }),
        fc.array(eighth, { minLength: 4, maxLength: 4 }),
        fc.constantFrom(0, 0.5, 1),
        async (deltas, rewards, l) => {
          const bare = {
            policyLogps: [deltas],
            referenceLogps: [[0, 0, 0, 0]],
            rewards: [rewards],
            mask: [[1, 1, 1, 1]],
          };
          const values = reference.consistentValues(bare, 0.25);
          expect((await runValue({ ...bare, values }, { beta: 0.25, lambda: l })).value).toBe(0);
        },
      ),
    );
  });

  test('law: at λ = 1 the targets do not depend on the values: the gradient is linear in them', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const at = async (k: number) =>
          (await runValue({ ...inputs, values: (inputs.values as Matrix).map((row) => row.map((v) => v * k)) }))
            .gradients.values;
        const [zero, one, two] = [await at(0), await at(1), await at(2)];
        expectFloat32(
          one!.map((g, i) => 2 * g - zero![i]!),
          two!,
          1e8,
        );
      }),
    );
  });

  test('law: the policy receives nothing', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, lambda, async (inputs, l) => {
        const { gradients } = await evaluateLoss((t) => dqoValueLoss(t as never, { lambda: l }), inputs, [
          'policyLogps',
          'values',
        ]);
        expect(gradients.policyLogps!.every((g) => g === 0)).toBe(true);
      }),
    );
  });
});
