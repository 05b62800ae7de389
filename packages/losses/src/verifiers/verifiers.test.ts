/** Verifier losses: the contract, the numbers of torch and PRIME's code, and laws of their own. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Loss } from '../manifest/manifest.ts';
import type { Matrix, Vector } from '../reference/index.ts';
import * as reference from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { type Arrays, evaluateLoss, flat, readAll, toTensors } from '../test-support/cases/arrays.ts';
import { caseOf } from '../test-support/cases/case-of.ts';
import { readGolden } from '../test-support/cases/golden.ts';
import { lossContract } from '../test-support/contract/loss-contract.ts';
import { cases, onBackend } from '../test-support/running/backend.ts';
import { expectFloat32, expectFloat64 } from '../test-support/running/close.ts';
import { implicitPrmLoss } from './implicit-prm.ts';
import { implicitRewards } from './implicit-rewards.ts';
import { pqmLoss } from './pqm.ts';
import { stepBceLoss } from './step-bce.ts';

interface Run {
  readonly source: string;
  readonly loss: string;
  readonly options: object;
  readonly inputs: Arrays;
  readonly trained: string;
  readonly value: number;
  readonly gradient: Matrix;
  /** The value with the public code's guard against log 0, where it has one. */
  readonly guarded?: number;
}
const golden = readGolden<readonly Run[]>('losses-verifiers.json');
type Exact = (inputs: Arrays, options: object) => reference.Reference<string, Matrix>;

function goldens(loss: Loss<never, object>): void {
  const runs = golden.filter((run) => run.loss === loss.manifest.name);
  test.each(runs.map((run) => [run.source, run] as const))('golden %s', async (_, run) => {
    const exact = (reference as unknown as Record<string, Exact>)[run.loss]!(run.inputs, run.options);
    expectFloat64([exact.value], [run.value]);
    expectFloat64(flat(exact.gradients[run.trained]!), flat(run.gradient));
    if (run.guarded !== undefined) {
      expect(run.guarded).toBeGreaterThanOrEqual(run.value);
      expect(run.guarded - run.value).toBeLessThan(1e-5);
    }
    const own = await evaluateLoss((t) => loss(t as never, run.options), run.inputs, [run.trained]);
    expectFloat32([own.value], [run.value]);
    expectFloat32(own.gradients[run.trained]!, flat(run.gradient));
  });
  test('goldens there are', () => {
    expect(runs.length).toBeGreaterThan(0);
  });
}

const flipped = (array: Vector | Matrix, flip: (x: number) => number): Vector | Matrix =>
  (array as Matrix).map((row) => (Array.isArray(row) ? row.map(flip) : flip(row as unknown as number))) as Matrix;

onBackend('stepBceLoss', () => {
  lossContract(caseOf(stepBceLoss as never));
  goldens(stepBceLoss as never);
  const run = (inputs: Arrays) => evaluateLoss((t) => stepBceLoss(t as never), inputs, ['logits']);
  const drawn = inputsOf(stepBceLoss.manifest.inputs, 1);
  const labelled = (y: number) => (inputs: Arrays) => ({ ...inputs, targets: flipped(inputs.targets!, () => y) });

  test('law: no gradient where σ(z) is the label, and the loss is the label’s entropy', async () => {
    for (const y of [0.25, 0.5, 0.9]) {
      const { value, gradients } = await run({ logits: [[Math.log(y / (1 - y))]], targets: [[y]], mask: [[1]] });
      expect(gradients.logits![0]).toBeCloseTo(0, 6);
      expect(value).toBeCloseTo(-y * Math.log(y) - (1 - y) * Math.log(1 - y), 5);
    }
  });

  test('law: the other label at the other logit costs the same', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const other = {
          ...inputs,
          logits: flipped(inputs.logits!, (z) => -z),
          targets: flipped(inputs.targets!, (y) => Math.fround(1 - Math.fround(y))),
        };
        fc.pre(flat(inputs.targets!).every((y) => 1 - Math.fround(1 - y) === y));
        expectFloat32([(await run(other)).value], [(await run(inputs)).value], 1e4);
      }),
      { numRuns: cases(30) },
    ));

  test('law: a soft label is a mixture of the hard ones', () =>
    fc.assert(
      fc.asyncProperty(drawn, fc.constantFrom(0.25, 0.5, 0.75), async (inputs, y) => {
        const [soft, right, wrong] = await Promise.all([y, 1, 0].map((label) => run(labelled(label)(inputs))));
        expectFloat32([soft!.value], [y * right!.value + (1 - y) * wrong!.value], 1e3);
      }),
      { numRuns: cases(30) },
    ));

  test('law: a right step is never pushed down, a wrong one never up, and neither by more than 1/N', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const n = Math.max(flat(inputs.mask!).filter((m) => m > 0).length, 1);
        for (const y of [0, 1])
          for (const g of (await run(labelled(y)(inputs))).gradients.logits!) {
            expect(Math.abs(g)).toBeLessThanOrEqual((1 + 1e-6) / n);
            expect(y === 1 ? g : -g).toBeLessThanOrEqual(0);
          }
      }),
      { numRuns: cases(30) },
    ));

  test('law: ln 2 where the verifier says nothing, whatever the labels', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        fc.pre(flat(inputs.mask!).some((m) => m > 0));
        const { value } = await run({ ...inputs, logits: flipped(inputs.logits!, () => 0) });
        expectFloat32([value], [Math.LN2], 10);
      }),
      { numRuns: cases(30) },
    ));

  test('law: where all solutions are equally long both reductions are one', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const full = { ...inputs, mask: flipped(inputs.mask!, () => 1) };
        const by = (reduction: 'row' | 'flat') =>
          evaluateLoss((t) => stepBceLoss(t as never, { reduction }), full, ['logits']);
        const [rows, all] = [await by('row'), await by('flat')];
        expectFloat32([rows.value], [all.value], 10);
        expectFloat32(rows.gradients.logits!, all.gradients.logits!);
      }),
      { numRuns: cases(30) },
    ));
});

onBackend('implicitPrmLoss', () => {
  lossContract(caseOf(implicitPrmLoss as never));
  goldens(implicitPrmLoss as never);
  const run = (inputs: Arrays, options: object = {}) =>
    evaluateLoss((t) => implicitPrmLoss(t as never, options), inputs, ['policyLogps']);
  const drawn = inputsOf(implicitPrmLoss.manifest.inputs, 1);

  test('law: it is a cross-entropy whose logits are the rewards’ sums', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const { labels: _, ...logps } = inputs;
        const [rewards] = await readAll(() => [implicitRewards(toTensors(logps) as never)]);
        const width = (inputs.mask as Matrix)[0]!.length;
        const logits = (inputs.mask as Matrix).map((_row, i) => [
          rewards!.slice(i * width, (i + 1) * width).reduce((sum, r) => sum + r, 0),
        ]);
        const mask = (inputs.mask as Matrix).map((row) => [row.some((m) => m > 0) ? 1 : 0]);
        const targets = (inputs.labels as Vector).map((y) => [y]);
        expectFloat32([(await run(inputs)).value], [reference.stepBceLoss({ logits, targets, mask }).value], 1e8);
      }),
      { numRuns: cases(30) },
    ));

  test('law: ln 2 at the reference, whatever the labels', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        fc.pre(flat(inputs.mask!).some((m) => m > 0));
        expectFloat32([(await run({ ...inputs, policyLogps: inputs.referenceLogps! })).value], [Math.fround(Math.LN2)]);
      }),
      { numRuns: cases(30) },
    ));

  test('law: all tokens of a response receive the same', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const { gradients } = await run(inputs);
        const width = (inputs.mask as Matrix)[0]!.length;
        (inputs.mask as Matrix).forEach((row, i) => {
          const own = gradients.policyLogps!.slice(i * width, (i + 1) * width).filter((_, t) => row[t]! > 0);
          expect(new Set(own).size).toBeLessThanOrEqual(1);
        });
      }),
      { numRuns: cases(30) },
    ));

  test('law: right responses get likelier, wrong ones less likely', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const { gradients } = await run(inputs);
        const width = (inputs.mask as Matrix)[0]!.length;
        gradients.policyLogps!.forEach((g, k) => {
          expect((inputs.labels as Vector)[Math.floor(k / width)] === 1 ? g : -g).toBeLessThanOrEqual(0);
        });
      }),
      { numRuns: cases(30) },
    ));

  test('law: policy and reference exchanged, and right and wrong: the same', () =>
    fc.assert(
      fc.asyncProperty(drawn, async ({ policyLogps, referenceLogps, labels, mask }) => {
        const there = await run({
          policyLogps: policyLogps!,
          referenceLogps: referenceLogps!,
          labels: labels!,
          mask: mask!,
        });
        const back = await run({
          policyLogps: referenceLogps!,
          referenceLogps: policyLogps!,
          labels: flipped(labels!, (y) => 1 - y),
          mask: mask!,
        });
        expectFloat32([back.value], [there.value], 1e2);
      }),
      { numRuns: cases(30) },
    ));

  test('law: only a response’s sum counts, not which token has it', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: -8, max: 8 }), fc.constantFrom(0, 1), async (moved, y) => {
        const of = (by: number) => ({
          policyLogps: [[-1 + by / 4, -2 - by / 4]],
          referenceLogps: [[-2, -2]],
          labels: [y],
          mask: [[1, 1]],
        });
        expectFloat32([(await run(of(moved))).value], [(await run(of(0))).value]);
      }),
      { numRuns: cases(20) },
    ));
});

/** All orders of a list. */
const orders = (xs: readonly number[]): number[][] =>
  xs.length === 0 ? [[]] : xs.flatMap((x, k) => orders(xs.filter((_, i) => i !== k)).map((rest) => [x, ...rest]));

onBackend('pqmLoss', () => {
  lossContract(caseOf(pqmLoss as never));
  goldens(pqmLoss as never);
  const run = (inputs: Arrays, options: object = {}) =>
    evaluateLoss((t) => pqmLoss(t as never, options), inputs, ['logits']);
  const drawn = inputsOf(pqmLoss.manifest.inputs, 1);
  const q = fc.integer({ min: -40, max: 40 }).map((x) => x / 8);
  const row = (logits: readonly number[], labels: readonly number[]) => ({
    logits: [logits],
    labels: [labels],
    mask: [logits.map(() => 1)],
  });
  const marked = (inputs: Arrays, label: number): boolean[] =>
    flat(inputs.labels!).map((y, k) => y === label && flat(inputs.mask!)[k]! > 0);

  test('law: a right and a wrong step, by hand', () =>
    fc.assert(
      fc.asyncProperty(q, q, fc.constantFrom(0, 1, 4), async (r, w, margin) => {
        const { softplus } = reference;
        const [question, against] = [softplus(w + margin), Math.exp(w + margin)];
        const expected = (question + Math.log(1 + Math.exp(r) + against) - r) / 2;
        for (const inputs of [row([r, w], [1, 0]), row([w, r], [0, 1])])
          expectFloat32([(await run(inputs, { margin })).value], [expected]);
      }),
      { numRuns: cases(30) },
    ));

  test('law: of right steps alone it is −log of a Plackett-Luce ranking: over all orders the probabilities add up to 1', () =>
    fc.assert(
      fc.asyncProperty(fc.array(q, { minLength: 1, maxLength: 3 }), async (logits) => {
        // The question stands in the order too: where it is not last, its number is taken off all others.
        let total = 0;
        for (const order of orders([0, ...logits])) {
          const others = order.slice(1).map((x) => x - order[0]!);
          const { value } = await run(
            row(
              others,
              others.map(() => 1),
            ),
          );
          total += Math.exp(-value * others.length);
        }
        expect(total).toBeCloseTo(1, 4);
      }),
      { numRuns: cases(15) },
    ));

  test('law: without a wrong step the margin says nothing', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const right = { ...inputs, labels: flipped(inputs.labels!, () => 1) };
        expect(await run(right, { margin: 0 })).toEqual(await run(right, { margin: 4 }));
      }),
      { numRuns: cases(20) },
    ));

  test('law: a larger margin costs no less', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const [small, large] = [await run(inputs, { margin: 0.5 }), await run(inputs, { margin: 2 })];
        expect(large.value).toBeGreaterThanOrEqual(small.value * (1 - 1e-6));
      }),
      { numRuns: cases(30) },
    ));

  test('law: wrong steps are never pushed up, the last right one never down', () =>
    fc.assert(
      fc.asyncProperty(drawn, async (inputs) => {
        const slopes = (await run(inputs)).gradients.logits!;
        const width = (inputs.mask as Matrix)[0]!.length;
        const right = marked(inputs, 1);
        marked(inputs, 0).forEach((wrong, k) => {
          if (wrong) expect(slopes[k]).toBeGreaterThanOrEqual(0);
        });
        for (let end = width; end <= slopes.length; end += width) {
          const last = right.slice(end - width, end).lastIndexOf(true);
          if (last >= 0) expect(slopes[end - width + last]).toBeLessThanOrEqual(1e-7);
        }
      }),
      { numRuns: cases(30) },
    ));

  test('law: wrong steps have no order', () =>
    fc.assert(
      fc.asyncProperty(q, fc.array(q, { minLength: 2, maxLength: 5 }), async (r, wrongs) => {
        const labels = [1, ...wrongs.map(() => 0)];
        const [there, back] = [row([r, ...wrongs], labels), row([r, ...[...wrongs].reverse()], labels)];
        expectFloat32([(await run(back)).value], [(await run(there)).value], 10);
      }),
      { numRuns: cases(20) },
    ));
});
