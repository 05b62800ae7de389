import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Matrix } from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { type Arrays, evaluateLoss, flat } from '../test-support/cases/arrays.ts';
import { caseOf } from '../test-support/cases/case-of.ts';
import { lossContract } from '../test-support/contract/loss-contract.ts';
import { policyGradientGoldens } from '../test-support/contract/policy-gradient-laws.ts';
import { cases, onBackend } from '../test-support/running/backend.ts';
import { expectFloat32, isClose } from '../test-support/running/close.ts';
import { klEstimateLoss } from './kl-estimate.ts';

const run = (inputs: Arrays, estimator: 'k1' | 'k2' | 'k3') =>
  evaluateLoss((t) => klEstimateLoss(t as never, { estimator }), inputs, ['policyLogps']);
const drawn = inputsOf(klEstimateLoss.manifest.inputs, 1);
const estimators = ['k1', 'k2', 'k3'] as const;

/** Two policies over three tokens, and each estimate's mean under the first. */
const policy = [0.5, 0.3, 0.2];
const other = [0.2, 0.2, 0.6];
async function expectation(estimator: 'k1' | 'k2' | 'k3', what: 'value' | 'gradient'): Promise<number[]> {
  const each = await Promise.all(
    policy.map((p, j) =>
      run({ policyLogps: [[Math.log(p)]], referenceLogps: [[Math.log(other[j]!)]], mask: [[1]] }, estimator),
    ),
  );
  if (what === 'value') return [each.reduce((sum, { value }, j) => sum + policy[j]! * value, 0)];
  // ∂log p_j/∂z_k = 1[j = k] − p_k.
  return policy.map((_, k) =>
    each.reduce(
      (sum, { gradients }, j) => sum + policy[j]! * gradients.policyLogps![0]! * ((j === k ? 1 : 0) - policy[k]!),
      0,
    ),
  );
}
const divergence = policy.reduce((sum, p, j) => sum + p * Math.log(p / other[j]!), 0);

onBackend('klEstimateLoss', () => {
  lossContract(caseOf(klEstimateLoss as never, { differenceStep: () => 1e-5 }));
  policyGradientGoldens(klEstimateLoss as never);

  test('law: k1 and k3 have the divergence as their mean', async () => {
    for (const estimator of ['k1', 'k3'] as const)
      expect((await expectation(estimator, 'value'))[0]).toBeCloseTo(divergence, 5);
  });

  test('law: k2’s gradient is the divergence’s, k1’s is 0, k3’s is that of KL(π_ref ‖ π_θ)', async () => {
    const logRatios = policy.map((p, j) => Math.log(p / other[j]!));
    const close = (actual: readonly number[], expected: readonly number[]): void =>
      actual.forEach((x, k) => {
        expect(isClose(x, expected[k]!, 1e-5, 1e-6)).toBe(true);
      });
    close(
      await expectation('k2', 'gradient'),
      policy.map((p, k) => p * (logRatios[k]! - divergence)),
    );
    close(await expectation('k1', 'gradient'), [0, 0, 0]);
    close(
      await expectation('k3', 'gradient'),
      policy.map((p, k) => p - other[k]!),
    );
  });

  test('law: k2 and k3 are never negative, and 0 with zero gradient where the policies agree', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        for (const estimator of ['k2', 'k3'] as const) {
          expect((await run(inputs, estimator)).value).toBeGreaterThanOrEqual(0);
          const { value, gradients } = await run({ ...inputs, policyLogps: inputs.referenceLogps! }, estimator);
          expect([value, ...gradients.policyLogps!].every((x) => x === 0)).toBe(true);
        }
      }),
      { numRuns: cases(30) },
    ));

  test('law: for small log-ratios k3 is k2, up to a third of its cube', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -64, max: 64 }), async (x) => {
        const ratio = x / 1024;
        const inputs = { policyLogps: [[ratio]], referenceLogps: [[0]], mask: [[1]] };
        const [k3, k2] = [(await run(inputs, 'k3')).value, (await run(inputs, 'k2')).value];
        expect(Math.abs(k3 - k2)).toBeLessThanOrEqual(Math.abs(ratio) ** 3 / 3 + 1e-9);
      }),
      { numRuns: cases(30) },
    );
  });

  test('law: a constant added to both log-probs changes nothing', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const moved = (name: string): number[][] => (inputs[name] as Matrix).map((row) => row.map((x) => x + 64));
        for (const estimator of estimators) {
          const [here, there] = [
            await run(inputs, estimator),
            await run(
              { ...inputs, policyLogps: moved('policyLogps'), referenceLogps: moved('referenceLogps') },
              estimator,
            ),
          ];
          const far = Math.max(
            ...flat(inputs.policyLogps!).map((p, i) => Math.abs(p - flat(inputs.referenceLogps!)[i]!)),
          );
          expect(isClose(there.value, here.value, 1e-3, 1e-3 * Math.exp(Math.min(far, 60)))).toBe(true);
        }
      }),
      { numRuns: cases(20) },
    ));

  test('law: k3 − k1 = e^{−Δ} − 1', async () => {
    for (const x of [-3, -0.5, 0, 0.25, 2]) {
      const inputs = { policyLogps: [[x]], referenceLogps: [[0]], mask: [[1]] };
      expectFloat32([(await run(inputs, 'k3')).value - (await run(inputs, 'k1')).value], [Math.expm1(-x)], 1e7);
    }
  });
});
