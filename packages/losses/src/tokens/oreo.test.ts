import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InputSpecs } from '../manifest/manifest.ts';
import type { Matrix, OreoArrays } from '../reference/index.ts';
import * as reference from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { type Arrays, type Evaluated, evaluateLoss, flat } from '../test-support/cases/arrays.ts';
import { tokenSpecs } from '../test-support/cases/cases.ts';
import { numbers } from '../test-support/cases/golden.ts';
import { goldenStepIds, goldenTokens } from '../test-support/cases/golden-tokens.ts';
import { beta, type LossCase, type Options } from '../test-support/cases/loss-case.ts';
import { largestInput } from '../test-support/contract/facts.ts';
import { lossContract } from '../test-support/contract/loss-contract.ts';
import { negative, notPositive, type Refusal, unknownWord, wrongBeta } from '../test-support/contract/refusals.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { expectFloat32, expectFloat64, expectSameSquares } from '../test-support/running/close.ts';
import { oreoPolicyLoss, oreoValueLoss } from './oreo.ts';

const level = fc.constantFrom('token', 'step', 'response');
const reduction = fc.constantFrom('row', 'flat');
const importanceClip = fc.constantFrom(1, Math.E, 4);
const withSteps = (trained: 'policyLogps' | 'values'): InputSpecs => ({
  ...tokenSpecs(trained),
  stepIds: { shape: 'B T', kind: 'stepIds', optional: true },
  behaviorLogps: { shape: 'B T', kind: 'logps', optional: true },
});
/** What a mean divides by: states, or rows that have any. A token starts a state if it is valid and opens an action. */
function countScored(inputs: Arrays, { level: at, reduction: by }: Options): number {
  const mask = inputs.mask as Matrix;
  const steps = inputs.stepIds as Matrix;
  const states = mask.map((row, i) => {
    const scored = row.flatMap((m, t) => (m > 0 && (at !== 'step' || steps[i]![t]! >= 0) ? [t] : []));
    if (at === 'token') return scored.length;
    if (at === 'response') return Math.min(scored.length, 1);
    return scored.filter((t, k) => k === 0 || steps[i]![t] !== steps[i]![scored[k - 1]!]).length;
  });
  const counted = by === 'flat' ? states : states.map((n) => Math.min(n, 1));
  return Math.max(
    counted.reduce((a, n) => a + n, 0),
    1,
  );
}

const refusals: Refusal[] = [
  ...wrongBeta,
  ...unknownWord('level', ['token', 'step', 'response']),
  ...unknownWord('reduction', ['row', 'flat']),
  ...notPositive('importanceClip', 'it is the largest weight a trajectory can have'),
  {
    options: { level: 'step' },
    inputs: { stepIds: undefined },
    error: 'ShapeError',
    message: "stepIds must be a tensor of shape [B, T] at level 'step', got undefined",
  },
];

const policy: LossCase = {
  name: 'oreoPolicyLoss',
  inputs: withSteps('policyLogps'),
  options: fc.record({ beta, level, reduction, importanceClip }),
  loss: (inputs, options) => oreoPolicyLoss(inputs as never, options),
  reference: (inputs, options, frozen) =>
    reference.oreoPolicyLoss(inputs as unknown as OreoArrays, options, frozen as unknown as OreoArrays),
  refusals: [...refusals, ...negative('klWeight')],
  resolution: 1e-13,
  normalizer: countScored,
};

/** With the KL term, whose e^{−Δ} is ∞ in float32 below Δ = −88. */
const regularised: LossCase = {
  ...policy,
  options: fc.record({ beta, level, reduction, klWeight: fc.constantFrom(0.01, 0.3, 2) }),
  differenceStep: () => 1e-5,
};

const value: LossCase = {
  ...policy,
  name: 'oreoValueLoss',
  options: fc.record({ beta, level, reduction, importanceClip, logRatioClip: fc.constantFrom(0.5, 10, 1e6) }),
  refusals: [...refusals, ...notPositive('logRatioClip', 'the log-ratio is cut to ± it')],
  inputs: withSteps('values'),
  loss: (inputs, options) => oreoValueLoss(inputs as never, options),
  reference: (inputs, options) => reference.oreoValueLoss(inputs as unknown as OreoArrays, options),
};

const runPolicy = (inputs: Arrays, options: object = {}) =>
  evaluateLoss((t) => oreoPolicyLoss(t as never, options), inputs, ['policyLogps']);
const runValue = (inputs: Arrays, options: object = {}) =>
  evaluateLoss((t) => oreoValueLoss(t as never, options), inputs, ['values']);
const { behaviorLogps: _, ...unweighted } = withSteps('policyLogps');
const drawn = inputsOf(unweighted, 1);
/** A residual is V, the rewards and β times both log-probs of every token. */
const expectSame = (inputs: Arrays, actual: number, expected: number, b = 0.03): void =>
  expectSameSquares(
    actual,
    expected,
    1 + 3 * (inputs.mask as Matrix)[0]!.length,
    Math.max(b, 1) * largestInput(inputs),
  );
const same = (a: Evaluated, b: Evaluated): void => {
  expectFloat32([a.value, ...a.gradients.policyLogps!], [b.value, ...b.gradients.policyLogps!]);
};

onBackend('oreoPolicyLoss', () => {
  test('golden oreo.token: value and gradient', async () => {
    const exact = reference.oreoPolicyLoss(goldenTokens);
    expectFloat64([exact.value], numbers('oreo.token', 'L_pi'));
    expectFloat64(flat(exact.gradients.policyLogps), numbers('oreo.token', 'grad_logp'));
    const tensors = await runPolicy(goldenTokens);
    expectFloat32([tensors.value], numbers('oreo.token', 'L_pi'));
    expectFloat32(tensors.gradients.policyLogps!, numbers('oreo.token', 'grad_logp'));
  });

  test('golden oreo.step: every token of a step gets the same gradient', async () => {
    const inputs = { ...goldenTokens, stepIds: goldenStepIds };
    const exact = reference.oreoPolicyLoss(inputs, { level: 'step' });
    expectFloat64([exact.value], numbers('oreo.step', 'L_pi'));
    expectFloat64(flat(exact.gradients.policyLogps), numbers('oreo.step', 'grad_logp'));
    const tensors = await runPolicy(inputs, { level: 'step' });
    expectFloat32([tensors.value], numbers('oreo.step', 'L_pi'));
    expectFloat32(tensors.gradients.policyLogps!, numbers('oreo.step', 'grad_logp'));
  });

  lossContract(policy);

  test('law: its value equals the value loss at every level', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, level, beta, async (inputs, l, b) => {
        const options = { level: l, beta: b };
        expectSame(inputs, (await runPolicy(inputs, options)).value, (await runValue(inputs, options)).value, b);
      }),
    );
  });

  test('law: level step with every token a step of its own is level token; with one step, level response', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const numbered = { ...inputs, stepIds: (inputs.mask as Matrix).map((row) => row.map((_, t) => t)) };
        same(await runPolicy(numbered, { level: 'step' }), await runPolicy(inputs, { level: 'token' }));
        const one = { ...inputs, stepIds: (inputs.mask as Matrix).map((row) => row.map(() => 0)) };
        same(await runPolicy(one, { level: 'step' }), await runPolicy(inputs, { level: 'response' }));
      }),
    );
  });

  test('law: values that solve path consistency, V = R − βΛ, make both losses 0', async () => {
    const eighth = fc.integer({ min: -16, max: 16 }).map((k) => k / 8);
    await fc.assert(
      fc.asyncProperty(fc.array(eighth, { minLength: 3, maxLength: 3 }), eighth, async (deltas, reward) => {
        const after = deltas.map((_, t) => deltas.slice(t).reduce((a, d) => a + d, 0));
        const inputs = {
          policyLogps: [deltas],
          referenceLogps: [[0, 0, 0]],
          values: [after.map((lambda) => reward - 0.25 * lambda)],
          rewards: [[0, 0, reward]],
          mask: [[1, 1, 1]],
        };
        expect((await runPolicy(inputs, { beta: 0.25 })).value).toBe(0);
        expect((await runValue(inputs, { beta: 0.25 })).value).toBe(0);
      }),
    );
  });

  test('law: mean (V − R)² where policy and reference agree', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const still = { ...inputs, policyLogps: inputs.referenceLogps! };
        const bare = reference.valueLoss({
          values: inputs.values as Matrix,
          targets: reference.lambdaReturns(
            inputs.rewards as Matrix,
            (inputs.values as Matrix).map((row) => row.map(() => 0)),
            inputs.mask as Matrix,
          ),
          mask: inputs.mask as Matrix,
        });
        expectFloat32([(await runPolicy(still)).value], [bare.value], 1e3);
      }),
    );
  });

  test('law: tokens outside the mask receive exactly 0', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, level, async (inputs, l) => {
        const mask = flat(inputs.mask!);
        const { gradients } = await runPolicy(inputs, { level: l, klWeight: 0.1 });
        gradients.policyLogps!.forEach((g, i) => {
          if (mask[i] === 0) expect(Math.abs(g)).toBe(0);
        });
      }),
    );
  });
});

onBackend('oreoPolicyLoss with its KL term', () => {
  lossContract(regularised);

  test('law: the term is 0 where policy and reference agree and positive elsewhere', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const term = async (of: Arrays): Promise<number> =>
          (await runPolicy(of, { klWeight: 8 })).value - (await runPolicy(of)).value;
        expect(Math.abs(await term({ ...inputs, policyLogps: inputs.referenceLogps! }))).toBe(0);
      }),
    );
    const apart = { policyLogps: [[-1]], referenceLogps: [[-2]], values: [[0]], rewards: [[0]], mask: [[1]] };
    expectFloat32([(await runPolicy(apart, { klWeight: 1 })).value - (await runPolicy(apart)).value], [Math.exp(-1)]);
  });
});

onBackend('oreoValueLoss', () => {
  test('golden oreo.token: value and gradient', async () => {
    const exact = reference.oreoValueLoss(goldenTokens);
    expectFloat64([exact.value], numbers('oreo.token', 'L_V'));
    expectFloat64(flat(exact.gradients.values), numbers('oreo.token', 'grad_V'));
    const tensors = await runValue(goldenTokens);
    expectFloat32([tensors.value], numbers('oreo.token', 'L_V'));
    expectFloat32(tensors.gradients.values!, numbers('oreo.token', 'grad_V'));
  });

  lossContract(value);

  test('law: only states receive gradient: the first token of each step', async () => {
    const inputs = { ...goldenTokens, stepIds: goldenStepIds };
    const { gradients } = await runValue(inputs, { level: 'step' });
    const states = numbers('oreo.step', 'state_mask');
    gradients.values!.forEach((g, i) => {
      expect(Math.abs(g) > 0).toBe(states[i]! > 0);
    });
  });

  test('law: a constant on all values and on the outcome changes nothing', async () => {
    const quarter = fc.integer({ min: -8, max: 8 }).map((k) => k / 4);
    await fc.assert(
      fc.asyncProperty(fc.array(quarter, { minLength: 3, maxLength: 3 }), quarter, async (values, shift) => {
        const batch = (by: number): Arrays => ({
          policyLogps: [[-1, -2, -3]],
          referenceLogps: [[-1, -1, -1]],
          values: [values.map((v) => v + by)],
          rewards: [[0, 0, 1 + by]],
          mask: [[1, 1, 1]],
        });
        expect(await runValue(batch(shift), { beta: 0.25 })).toEqual(await runValue(batch(0), { beta: 0.25 }));
      }),
    );
  });

  test('law: a clip beyond every log-ratio changes nothing, a tiny one leaves (V − R)²', () =>
    fc.assert(
      fc.asyncProperty(drawn, level, async (inputs, l) => {
        expectSame(
          inputs,
          (await runValue(inputs, { level: l, logRatioClip: 1e30 })).value,
          (await runValue(inputs, { level: l })).value,
        );
        const still = { ...inputs, policyLogps: inputs.referenceLogps! };
        const [cut, bare] = [
          await runValue(inputs, { level: l, logRatioClip: 1e-30 }),
          await runValue(still, { level: l }),
        ];
        expectSame(inputs, cut.value, bare.value);
      }),
    ));

  test('golden dqo.is_weight: with the reference as behaviour each row counts by its weight', async () => {
    const weights = numbers('dqo.is_weight', 'w');
    const row = (i: number): Arrays =>
      Object.fromEntries(Object.entries(goldenTokens).map(([name, rows]) => [name, [rows[i]]])) as Arrays;
    const own = await runValue({ ...goldenTokens, behaviorLogps: goldenTokens.referenceLogps });
    const alone = [(await runValue(row(0))).value, (await runValue(row(1))).value];
    expectFloat32([own.value], [(weights[0]! * alone[0]! + weights[1]! * alone[1]!) / 2]);
  });
});
