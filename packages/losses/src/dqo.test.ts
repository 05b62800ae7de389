import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dqoPolicyLoss, dqoValueLoss } from './dqo.ts';
import type { DqoArrays, Matrix } from './reference/index.ts';
import * as reference from './reference/index.ts';
import { type InputSpecs, inputsOf } from './testing/arbitraries.ts';
import { type Arrays, evaluateLoss, flat } from './testing/arrays.ts';
import { onBackend } from './testing/backend.ts';
import { tokenSpecs } from './testing/cases.ts';
import { expectFloat32, expectFloat64 } from './testing/close.ts';
import { numbers } from './testing/golden.ts';
import { goldenTokens } from './testing/golden-tokens.ts';
import { beta, countByReduction, type LossCase } from './testing/loss-case.ts';
import { lossContract } from './testing/loss-contract.ts';

const lambda = fc.constantFrom(0, 0.3, 0.95, 1);
const reduction = fc.constantFrom('trajectory', 'token');
const withBehavior = (trained: 'policyLogps' | 'values'): InputSpecs => ({
  ...tokenSpecs(trained),
  behaviorLogps: { shape: 'B S', kind: 'logps' },
});

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
  resolution: 1e-13,
  normalizer: countByReduction,
};

const value: LossCase = {
  ...policy,
  name: 'dqoValueLoss',
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
const residuals = (options: object): number[] =>
  runPolicy(firstRow, options)
    .gradients.policyLogps.filter((_, t) => flat(firstRow.mask)[t] > 0)
    .map((g) => (g * 4) / (2 * 0.03));

onBackend('dqoPolicyLoss', () => {
  test('golden dqo.lam0.residuals: literal and mixed', () => {
    for (const policyTarget of ['literal', 'mixed'] as const) {
      const expected = numbers('dqo.lam0.residuals', policyTarget);
      const exact = reference.dqoPolicyLoss(firstRow as unknown as DqoArrays, { lambda: 0, policyTarget });
      const own = flat(exact.gradients.policyLogps)
        .filter((_, t) => flat(firstRow.mask)[t] > 0)
        .map((g) => (g * 4) / (2 * 0.03));
      expectFloat64(own, expected);
      expectFloat64([exact.value], [expected.reduce((a, d) => a + d * d, 0) / 4]);
      expectFloat32(residuals({ lambda: 0, policyTarget }), expected);
    }
  });

  test('golden oreo.token: DQO at λ = 1 with weight 1 is OREO', () => {
    for (const policyTarget of ['literal', 'mixed']) {
      const own = runPolicy(goldenTokens, { policyTarget });
      expectFloat32([own.value], numbers('oreo.token', 'L_pi'));
      expectFloat32(own.gradients.policyLogps, numbers('oreo.token', 'grad_logp'));
    }
  });

  lossContract(policy);

  test('law: at λ = 1 it is OREO’s token loss, whatever the target', () => {
    fc.assert(
      fc.property(drawn, beta, fc.constantFrom('literal', 'mixed'), (inputs, b, policyTarget) => {
        const oreo = reference.oreoPolicyLoss(inputs as unknown as DqoArrays, { beta: b });
        const own = runPolicy(inputs, { beta: b, policyTarget });
        expectFloat32([own.value], [oreo.value]);
        expectFloat32(own.gradients.policyLogps, flat(oreo.gradients.policyLogps), 1e3);
      }),
    );
  });

  test('law: mixed at λ = 0 is TD: (V_t − r_t + βΔ_t − V_{t+1})²', () => {
    fc.assert(
      fc.property(drawn, (inputs) => {
        const full = { ...inputs, mask: (inputs.mask as Matrix).map((row) => row.map(() => 1)) };
        const rows = full.mask.map((row, i) =>
          row.map((_, t) => {
            const at = (name: string, k: number): number => (inputs[name] as Matrix)[i][k] ?? 0;
            return (
              (at('values', t) -
                at('rewards', t) +
                0.03 * (at('policyLogps', t) - at('referenceLogps', t)) -
                at('values', t + 1)) **
              2
            );
          }),
        );
        const mean = rows.flat().reduce((a, x) => a + x, 0) / rows.flat().length;
        expectFloat32([runPolicy(full, { lambda: 0, policyTarget: 'mixed' }).value], [mean], 1e3);
      }),
    );
  });

  test('law: mixed at λ = 0 is twice DVO with the TD credits', () => {
    fc.assert(
      fc.property(drawn, beta, (inputs, b) => {
        const next = (inputs.mask as Matrix).map((row, i) =>
          row.map((_, t) => {
            const later = row.findIndex((m, k) => k > t && m > 0);
            return later < 0 ? 0 : (inputs.values as Matrix)[i][later];
          }),
        );
        const credits = reference.stepCredits(
          inputs.rewards as Matrix,
          inputs.values as Matrix,
          next,
          inputs.mask as Matrix,
        );
        const dvo = reference.dvoLoss({ ...(inputs as unknown as DqoArrays), credits }, { beta: b, scale: 1 });
        expectFloat32([runPolicy(inputs, { lambda: 0, policyTarget: 'mixed', beta: b }).value], [dvo.value], 1e3);
      }),
    );
  });

  test('law: the behaviour policy enters as one weight a trajectory, capped, never below 0', () => {
    fc.assert(
      fc.property(fc.integer({ min: -3000, max: 3000 }), fc.constantFrom(1, Math.E, 10), (ratio, importanceClip) => {
        const base = {
          policyLogps: [[-1, -1]],
          referenceLogps: [[-1, -1]],
          values: [[0.5, 0.5]],
          rewards: [[0, 1]],
          mask: [[1, 1]],
        };
        const own = runPolicy({ ...base, behaviorLogps: [[-1 - ratio / 2, -1 - ratio / 2]] }, { importanceClip });
        const plain = runPolicy(base);
        const weight = Math.exp(Math.min(Math.log(importanceClip), ratio));
        expectFloat32([own.value], [plain.value * weight]);
        expectFloat32(
          own.gradients.policyLogps,
          plain.gradients.policyLogps.map((g) => g * weight),
        );
      }),
    );
  });

  test('law: with the policy itself as behaviour all weights are 1', () => {
    fc.assert(
      fc.property(drawn, (inputs) => {
        expect(runPolicy({ ...inputs, behaviorLogps: inputs.policyLogps })).toEqual(runPolicy(inputs));
      }),
    );
  });

  test('law: the literal target at λ = 0 looks two steps ahead, so it does not depend on the next value', () => {
    const row = (next: number): Arrays => ({
      policyLogps: [[-1, -1, -1]],
      referenceLogps: [[-1, -1, -1]],
      values: [[0.5, next, 0.25]],
      rewards: [[0, 0, 1]],
      mask: [[1, 1, 1]],
    });
    const first = (inputs: Arrays, policyTarget: string): number =>
      runPolicy(inputs, { lambda: 0, policyTarget }).gradients.policyLogps[0];
    expect(first(row(0), 'literal')).toBe(first(row(9), 'literal'));
    expect(first(row(0), 'mixed')).not.toBe(first(row(9), 'mixed'));
  });

  test('errors: every option out of range', () => {
    const call = (options: object) => () => runPolicy(goldenTokens, options);
    expect(call({ beta: 0 })).toThrow('dqoPolicyLoss: beta must be a finite number > 0, got 0');
    expect(call({ lambda: 1.1 })).toThrow('dqoPolicyLoss: lambda must be in [0, 1], got 1.1');
    expect(call({ lambda: Number.NaN })).toThrow(RangeError);
    expect(call({ importanceClip: 0 })).toThrow('dqoPolicyLoss: importanceClip must be a finite number > 0, got 0');
    expect(call({ policyTarget: 'both' })).toThrow(
      `dqoPolicyLoss: policyTarget must be 'literal' | 'mixed', got "both"`,
    );
    expect(call({ reduction: 'sum' })).toThrow(`dqoPolicyLoss: reduction must be 'trajectory' | 'token', got "sum"`);
  });
});

onBackend('dqoValueLoss', () => {
  test('golden oreo.token: at λ = 1 it is OREO’s value loss', () => {
    const own = runValue(goldenTokens);
    expectFloat32([own.value], numbers('oreo.token', 'L_V'));
    expectFloat32(own.gradients.values, numbers('oreo.token', 'grad_V'));
    expectFloat64([reference.dqoValueLoss(goldenTokens).value], numbers('oreo.token', 'L_V'));
  });

  test('golden dqo.is_weight: the reference as behaviour weighs the two rows', () => {
    const weights = numbers('dqo.is_weight', 'w');
    const weighted = runValue({ ...goldenTokens, behaviorLogps: goldenTokens.referenceLogps });
    const row = (i: number): Arrays =>
      Object.fromEntries(Object.entries(goldenTokens).map(([name, rows]) => [name, [rows[i]]])) as Arrays;
    expectFloat32([weighted.value], [(weights[0] * runValue(row(0)).value + weights[1] * runValue(row(1)).value) / 2]);
  });

  lossContract(value);

  test('law: 0 for consistent values at every λ', () => {
    const eighth = fc.integer({ min: -16, max: 16 }).map((k) => k / 8);
    fc.assert(
      fc.property(
        fc.array(eighth, { minLength: 4, maxLength: 4 }),
        fc.array(eighth, { minLength: 4, maxLength: 4 }),
        fc.constantFrom(0, 0.5, 1),
        (deltas, rewards, l) => {
          const bare = {
            policyLogps: [deltas],
            referenceLogps: [[0, 0, 0, 0]],
            rewards: [rewards],
            mask: [[1, 1, 1, 1]],
          };
          const values = reference.consistentValues(bare, 0.25);
          expect(runValue({ ...bare, values }, { beta: 0.25, lambda: l }).value).toBe(0);
        },
      ),
    );
  });

  test('law: at λ = 1 the targets do not depend on the values: the gradient is linear in them', () => {
    fc.assert(
      fc.property(drawn, (inputs) => {
        const at = (k: number) =>
          runValue({ ...inputs, values: (inputs.values as Matrix).map((row) => row.map((v) => v * k)) }).gradients
            .values;
        const [zero, one, two] = [at(0), at(1), at(2)];
        expectFloat32(
          one.map((g, i) => 2 * g - zero[i]),
          two,
          1e8,
        );
      }),
    );
  });

  test('law: the policy receives nothing', () => {
    fc.assert(
      fc.property(drawn, lambda, (inputs, l) => {
        const { gradients } = evaluateLoss((t) => dqoValueLoss(t as never, { lambda: l }), inputs, [
          'policyLogps',
          'values',
        ]);
        expect(gradients.policyLogps.every((g) => g === 0)).toBe(true);
      }),
    );
  });
});
