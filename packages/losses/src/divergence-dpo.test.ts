import fc from 'fast-check';
import { expect, test } from 'vitest';
import { divergenceDpoLoss } from './divergence-dpo.ts';
import * as reference from './reference/index.ts';
import { onBackend } from './testing/backend.ts';
import { expectFloat32 } from './testing/close.ts';
import { pairGolden } from './testing/golden.ts';
import { beta } from './testing/loss-case.ts';
import { lossContract } from './testing/loss-contract.ts';
import { atReference, pairCase, pairOf, pairs, runPairs } from './testing/pair-case.ts';
import { betaErrors, pairLaws } from './testing/pair-laws.ts';

const subject = pairCase('divergenceDpoLoss', divergenceDpoLoss, reference.divergenceDpoLoss, {
  options: fc.record({ beta, divergence: fc.constantFrom('reverseKl', 'forwardKl', 'jensenShannon') }),
  reach: 0.7,
});

onBackend('divergenceDpoLoss', () => {
  pairGolden(subject, 'dpo.sigmoid');
  pairGolden(subject, 'dpo.sigmoid.js', { divergence: 'jensenShannon' });
  lossContract(subject);
  pairLaws(subject, { atReference: () => Math.LN2, scaleFree: false, options: { divergence: 'jensenShannon' } });
  betaErrors(subject);

  test('law: the reverse KL is plain DPO', () => {
    fc.assert(
      fc.property(pairs(2), beta, (inputs, b) => {
        const plain = reference.dpoLoss(inputs as never, { beta: b });
        const own = runPairs(subject, inputs, { beta: b });
        expectFloat32([own.value], [plain.value]);
      }),
    );
  });

  test('law: ln 2 at the reference for every divergence', () => {
    fc.assert(
      fc.property(pairs(1), fc.constantFrom('reverseKl', 'forwardKl', 'jensenShannon'), (inputs, divergence) => {
        expectFloat32([runPairs(subject, atReference(inputs), { divergence }).value], [Math.LN2]);
      }),
    );
  });

  test('law: near the reference all three agree to first order once their scores’ slopes do', () => {
    fc.assert(
      fc.property(fc.constantFrom(['forwardKl', 1], ['jensenShannon', 0.5]), ([divergence, slope]) => {
        const own = runPairs(subject, pairOf(0, 0), { divergence }).gradients.policyChosenLogps[0];
        const plain = runPairs(subject, pairOf(0, 0)).gradients.policyChosenLogps[0];
        expect(own).toBeCloseTo(plain * Number(slope), 7);
      }),
    );
  });

  test('law: chosen up, rejected down, under every divergence', () => {
    fc.assert(
      fc.property(pairs(0.5), fc.constantFrom('forwardKl', 'jensenShannon'), (inputs, divergence) => {
        const { gradients } = runPairs(subject, inputs, { divergence });
        expect(gradients.policyChosenLogps.every((g) => g <= 0)).toBe(true);
        expect(gradients.policyRejectedLogps.every((g) => g >= 0)).toBe(true);
      }),
    );
  });

  test('edge: Jensen-Shannon stays finite at 1e5', () => {
    expectFloat32([runPairs(subject, pairOf(-1e5, 0), { divergence: 'jensenShannon' }).value], [1e4 - 0.1 * Math.LN2]);
  });

  test('errors: an unknown divergence', () => {
    const call = () => runPairs(subject, pairOf(0, 0), { divergence: 'alpha' });
    expect(call).toThrow(
      `divergenceDpoLoss: divergence must be 'reverseKl' | 'forwardKl' | 'jensenShannon', got "alpha"`,
    );
  });
});
