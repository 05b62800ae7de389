import type { Tensor } from '@svo/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Loss } from '../../manifest/manifest.ts';
import { truncatedWeights } from '../../policy-gradient/truncated-weights.ts';
import type { Matrix } from '../../reference/index.ts';
import * as reference from '../../reference/index.ts';
import { inputsOf } from '../cases/arbitraries.ts';
import { type Arrays, evaluateLoss, flat } from '../cases/arrays.ts';
import { caseOf } from '../cases/case-of.ts';
import { readGolden } from '../cases/golden.ts';
import { cases, skipsConsequences } from '../running/backend.ts';
import { expectFloat32, isClose } from '../running/close.ts';
import { lossContract } from './loss-contract.ts';

interface Run {
  readonly source: string;
  readonly loss: string;
  readonly options: object;
  readonly weights: boolean;
  readonly rowAdvantages: boolean;
  readonly kl?: { readonly weight: number; readonly options: object };
  readonly value: number;
  readonly gradient: Matrix;
}
const golden = readGolden<{ readonly batch: Readonly<Record<string, Matrix>>; readonly cases: readonly Run[] }>(
  'losses-policy-gradient.json',
);
type Exact = (inputs: Arrays, options: object) => reference.Reference<'policyLogps', Matrix>;
const exactly = (name: string): Exact => (reference as unknown as Record<string, Exact>)[name]!;

/** verl's and TRL's own numbers for a loss (test/golden/losses-policy-gradient.json): 1e-12 in the reference, float32 on tensors. */
export function policyGradientGoldens(loss: Loss<never, object>): void {
  const { name, inputs: specs } = loss.manifest;
  const runs = golden.cases.filter((run) => run.loss === name);
  test.each(runs.map((run, k) => [`${k}, ${run.source}`, run] as const))('golden %s', async (_, run) => {
    const { batch } = golden;
    const advantages = run.rowAdvantages ? batch.advantages!.map((row) => row.map(() => row[0]!)) : batch.advantages!;
    const all: Arrays = { ...batch, advantages };
    const names = Object.keys(specs).filter((input) => input !== 'tokenWeights' || run.weights);
    const inputs = Object.fromEntries(names.map((input) => [input, all[input]!]));
    const exact = exactly(name)(inputs, run.options);
    const kl = run.kl === undefined ? undefined : exactly('klEstimateLoss')(all, run.kl.options);
    const weight = run.kl?.weight ?? 0;
    // verl divides by a row's tokens plus 1e-8.
    const [relative, absolute] = /verl.*(seq-mean-token-mean|gspo)/.test(run.source) ? [1e-8, 1e-9] : [1e-12, 1e-14];
    const near = (a: number, b: number): void => {
      if (!isClose(a, b, relative, absolute)) expect.fail(`got ${a}, expected ${b}`);
    };
    near(exact.value + weight * (kl?.value ?? 0), run.value);
    const slopes = flat(exact.gradients.policyLogps).map(
      (g, i) => g + weight * (kl ? flat(kl.gradients.policyLogps)[i]! : 0),
    );
    slopes.forEach((g, i) => {
      near(g, flat(run.gradient)[i]!);
    });
    const own = await evaluateLoss((t) => loss(t as never, run.options), inputs, ['policyLogps']);
    expectFloat32([own.value], [exact.value]);
    expectFloat32(own.gradients.policyLogps!, flat(exact.gradients.policyLogps));
  });
  test('goldens there are', () => {
    expect(runs.length).toBeGreaterThan(0);
  });
}

/** The contract, the goldens, and what holds of every policy-gradient loss. */
export function policyGradientLaws(loss: Loss<never, object>): void {
  const { inputs: specs, name } = loss.manifest;
  lossContract(caseOf(loss, { smooth: awayFromClips }));
  policyGradientGoldens(loss);
  if (skipsConsequences) return;

  const drawn = inputsOf(specs, 1);
  const run = (inputs: Arrays, options: object = {}) =>
    evaluateLoss((t) => loss(t as never, options), inputs, ['policyLogps']);
  const onPolicy = (inputs: Arrays): Arrays => ({ ...inputs, behaviorLogps: inputs.policyLogps! });

  test('law: on fresh data the gradient is REINFORCE’s, −Â·w over the same counts', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const fresh = onPolicy(inputs);
        const options = 'reduction' in loss.manifest.options ? { reduction: 'row' } : {};
        const own = await run(fresh, options);
        const sums = name === 'drGrpoLoss' ? { reduction: 'sum' } : { reduction: 'row' };
        const plain = exactly('reinforceLoss')(fresh, sums);
        expectFloat32(own.gradients.policyLogps!, flat(plain.gradients.policyLogps), 1);
      }),
      { numRuns: cases(100) },
    ));

  test('law: tokens of no advantage receive nothing', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const none = { ...inputs, advantages: (inputs.advantages as Matrix).map((row) => row.map(() => 0)) };
        const { value, gradients } = await run(none);
        expect(Math.abs(value)).toBe(0);
        expect(gradients.policyLogps!.every((g) => g === 0)).toBe(true);
      }),
      { numRuns: cases(40) },
    ));

  test('law: weights of 1 are none', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const { tokenWeights: _, ...without } = inputs;
        const ones = (inputs.mask as Matrix).map((row) => row.map(() => 1));
        expect(await run({ ...without, tokenWeights: ones })).toEqual(await run(without));
      }),
      { numRuns: cases(40) },
    ));

  test('law: twice the advantages are twice the loss and its gradient', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const twice = { ...inputs, advantages: (inputs.advantages as Matrix).map((row) => row.map((a) => 2 * a)) };
        const [one, two] = [await run(inputs), await run(twice)];
        const { value, gradients } = exactly(name)(inputs, {});
        expectFloat32([two.value], [2 * value], Math.abs(value));
        expectFloat32(
          two.gradients.policyLogps!,
          flat(gradients.policyLogps).map((g) => 2 * g),
        );
        expectFloat32([one.value], [value], Math.abs(value));
      }),
      { numRuns: cases(40) },
    ));

  test('law: on fresh data the weights of the mismatch are 1, and change nothing', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const { tokenWeights: _, ...fresh } = onPolicy(inputs);
        const weighed = (t: Record<string, Tensor>) =>
          loss({ ...t, tokenWeights: truncatedWeights(t as never) } as never, {});
        expect(await evaluateLoss(weighed, fresh, ['policyLogps'])).toEqual(await run(fresh));
      }),
      { numRuns: cases(40) },
    ));

  test('law: only ratios count: the same number on both log-probs leaves the gradient', () =>
    fc.assert(
      fc.asyncProperty(drawn, fc.constantFrom(-2, 1, 4), async (inputs, by) => {
        // In sixteenths, so that the shift is exact in float32.
        const sixteenths = (name: string, add: number): Matrix =>
          (inputs[name] as Matrix).map((row) => row.map((x) => Math.round(16 * x) / 16 + add));
        const at = (add: number): Arrays => ({
          ...inputs,
          policyLogps: sixteenths('policyLogps', add),
          behaviorLogps: sixteenths('behaviorLogps', add),
        });
        const [there, here] = [await run(at(by)), await run(at(0))];
        expectFloat32(there.gradients.policyLogps!, here.gradients.policyLogps!, 10);
      }),
      { numRuns: cases(40) },
    ));

  test('law: a batch twice over costs the same, and each row gets half', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const twice = Object.fromEntries(
          Object.entries(inputs).map(([key, rows]) => [key, [...rows, ...rows]]),
        ) as Arrays;
        const [one, two] = [await run(inputs), await run(twice)];
        const size = Math.max(...flat(inputs.advantages!).map(Math.abs), 1);
        expectFloat32([two.value], [one.value], size * Math.abs(one.value) + size);
        const halves = one.gradients.policyLogps!.map((g) => g / 2);
        expectFloat32(two.gradients.policyLogps!, [...halves, ...halves], size);
      }),
      { numRuns: cases(40) },
    ));

  test('law: the gradient of a token has the sign of −Â', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const { gradients } = await run(inputs);
        flat(inputs.advantages!).forEach((a, i) => {
          const g = gradients.policyLogps![i]!;
          expect(g === 0 || Math.sign(g) === -Math.sign(a)).toBe(true);
        });
      }),
      { numRuns: cases(40) },
    ));
}

/** No token's ratio is where it is cut, nor is a row's mean. */
function awayFromClips(inputs: Arrays, options: object): boolean {
  const { clipLow = 0.2, clipHigh = 0.2, dualClip = Number.POSITIVE_INFINITY } = options as Record<string, number>;
  const kinks = [Math.log1p(-clipLow), Math.log1p(clipHigh), Math.log(dualClip)].filter(Number.isFinite);
  const ratios = (inputs.policyLogps as Matrix).map((row, i) =>
    row.flatMap((p, t) => ((inputs.mask as Matrix)[i]![t]! > 0 ? [p - (inputs.behaviorLogps as Matrix)[i]![t]!] : [])),
  );
  const means = ratios.map((row) => row.reduce((sum, x) => sum + x, 0) / Math.max(row.length, 1));
  return [...ratios.flat(), ...means].every((x) => kinks.every((kink) => Math.abs(x - kink) > 1e-3));
}
