import { expect, test } from 'vitest';
import { sftLoss } from '../likelihood/sft.ts';
import { evaluateLoss } from '../test-support/cases/arrays.ts';
import { caseOf } from '../test-support/cases/case-of.ts';
import { lossContract } from '../test-support/contract/loss-contract.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { reinforceLoss } from './reinforce.ts';

onBackend('reinforceLoss', () => {
  lossContract(caseOf(reinforceLoss as never));

  test('law: advantages of 1 make it SFT', async () => {
    const rows = {
      policyLogps: [
        [-1, -2.5, -0.25],
        [-3, -1, 0],
      ],
      mask: [
        [1, 1, 1],
        [1, 1, 0],
      ],
    };
    const advantages = rows.mask.map((row) => row.map(() => 1));
    for (const reduction of ['row', 'flat', 'sum'] as const)
      expect(
        await evaluateLoss((t) => reinforceLoss(t as never, { reduction }), { ...rows, advantages }, ['policyLogps']),
      ).toEqual(await evaluateLoss((t) => sftLoss(t as never, { reduction }), rows, ['policyLogps']));
  });
});
