import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sftLoss } from '../likelihood/sft.ts';
import type { Matrix } from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { type Arrays, evaluateLoss, flat } from '../test-support/cases/arrays.ts';
import { caseOf } from '../test-support/cases/case-of.ts';
import { lossContract } from '../test-support/contract/loss-contract.ts';
import { cases, onBackend } from '../test-support/running/backend.ts';
import { expectFloat32 } from '../test-support/running/close.ts';
import { cispoLoss } from './cispo.ts';
import { reinforceLoss } from './reinforce.ts';
import { truncatedWeights } from './truncated-weights.ts';

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

  const drawn = inputsOf(reinforceLoss.manifest.inputs, 1);
  const run = (inputs: Arrays, options: object = {}) =>
    evaluateLoss((t) => reinforceLoss(t as never, options), inputs, ['policyLogps']);
  const grid = (inputs: Arrays, name: string): Matrix => inputs[name] as Matrix;
  const mapped = (inputs: Arrays, name: string, by: (x: number, i: number, t: number) => number): Arrays => ({
    ...inputs,
    [name]: grid(inputs, name).map((row, i) => row.map((x, t) => by(x, i, t))),
  });

  test('law: a token’s gradient is −w·Â over its row’s tokens and the rows, whatever the policy', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const [mask, advantages, weights] = [
          grid(inputs, 'mask'),
          grid(inputs, 'advantages'),
          inputs.tokenWeights as Matrix | undefined,
        ];
        const counts = mask.map((row) => row.filter((m) => m > 0).length);
        const rows = Math.max(counts.filter((n) => n > 0).length, 1);
        const expected = mask.map((row, i) =>
          row.map((m, t) =>
            m > 0 ? (-(weights === undefined ? 1 : weights[i]![t]!) * advantages[i]![t]!) / (counts[i]! * rows) : 0,
          ),
        );
        const { gradients } = await run(inputs);
        expectFloat32(gradients.policyLogps!, expected.flat(), Math.max(...flat(expected).map(Math.abs), 0));
        const elsewhere = mapped(inputs, 'policyLogps', (x) => x - 1);
        expectFloat32((await run(elsewhere)).gradients.policyLogps!, gradients.policyLogps!);
      }),
      { numRuns: cases(40) },
    ));

  test('law: twice the advantages are twice the loss, none are none', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const [one, two] = [await run(inputs), await run(mapped(inputs, 'advantages', (a) => 2 * a))];
        expectFloat32([two.value], [2 * one.value], 1e3 * Math.abs(one.value));
        expectFloat32(
          two.gradients.policyLogps!,
          one.gradients.policyLogps!.map((g) => 2 * g),
        );
        const none = await run(mapped(inputs, 'advantages', () => 0));
        expect([Math.abs(none.value), none.gradients.policyLogps!.every((g) => g === 0)]).toEqual([0, true]);
      }),
      { numRuns: cases(40) },
    ));

  test('law: a weight counts as an advantage does, and weights of 1 are none', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const { tokenWeights: _, ...bare } = inputs;
        const ones = { ...bare, tokenWeights: grid(bare, 'mask').map((row) => row.map(() => 1)) };
        expect(await run(ones)).toEqual(await run(bare));
        const halved = await run({ ...bare, tokenWeights: ones.tokenWeights.map((row) => row.map(() => 0.5)) });
        expect(halved).toEqual(await run(mapped(bare, 'advantages', (a) => a / 2)));
      }),
      { numRuns: cases(40) },
    ));

  test('law: the order of the rows is nobody’s', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const back = Object.fromEntries(Object.entries(inputs).map(([name, rows]) => [name, rows.toReversed()]));
        const [one, other] = [await run(inputs), await run(back as Arrays)];
        expectFloat32([other.value], [one.value], 1e4 * Math.max(1, Math.abs(one.value)));
        const width = grid(inputs, 'mask')[0]!.length;
        const rows = grid(inputs, 'mask').map((_, i) => one.gradients.policyLogps!.slice(i * width, (i + 1) * width));
        expectFloat32(other.gradients.policyLogps!, rows.toReversed().flat());
      }),
      { numRuns: cases(40) },
    ));

  test('law: weighed by min(C, π/μ) its gradient is CISPO’s, cut at C alone', () =>
    fc.assert(
      fc.asyncProperty(inputsOf(cispoLoss.manifest.inputs, 1), fc.constantFrom(1.5, 2, 5), async (inputs, cap) => {
        const { tokenWeights: _, ...bare } = inputs;
        const weighed = await evaluateLoss(
          (t) => reinforceLoss({ ...t, tokenWeights: truncatedWeights(t as never, { cap }) } as never),
          bare,
          ['policyLogps'],
        );
        const cut = await evaluateLoss(
          (t) => cispoLoss(t as never, { clipLow: 1, clipHigh: cap - 1, reduction: 'row' }),
          bare,
          ['policyLogps'],
        );
        expectFloat32(weighed.gradients.policyLogps!, cut.gradients.policyLogps!, 10);
      }),
      { numRuns: cases(40) },
    ));
});
