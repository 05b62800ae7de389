import fc from 'fast-check';
import { expect, test } from 'vitest';
import { beta, type LossCase, type Options } from '../cases/loss-case.ts';
import { atReference, logits, pairOf, pairs, runPairs, swapSides } from '../cases/pair-case.ts';
import { skipsConsequences } from '../running/backend.ts';
import { expectFloat32, isClose } from '../running/close.ts';

/** What all pair losses of log-ratios obey. */
export function pairLaws(
  subject: LossCase,
  facts: {
    /** The loss where policy and reference agree. */
    readonly atReference: (beta: number) => number;
    /** Whether it is a function of β·Δ alone. */
    readonly scaleFree: boolean;
    readonly options?: Options;
  },
): void {
  const { options = {} } = facts;
  if (skipsConsequences) return;

  test('law: its value where policy and reference agree', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(), beta, async (inputs, b) => {
        const { value } = await runPairs(subject, atReference(inputs), { ...options, beta: b });
        expectFloat32([value], [facts.atReference(b)]);
      }),
    );
  });

  test('law: a constant added to policy and reference of one side changes nothing', async () => {
    const delta = fc.integer({ min: -40, max: 40 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -500, max: 500 }), delta, delta, async (shift, chosen, rejected) => {
        const plain = pairOf(chosen, rejected);
        const moved = { ...plain, policyChosenLogps: [chosen + shift], referenceChosenLogps: [shift] };
        expect(await runPairs(subject, moved, options)).toEqual(await runPairs(subject, plain, options));
      }),
    );
  });

  test('law: the gradient of the reference side is minus that of the policy side (finite differences of the value)', async () => {
    const delta = fc.integer({ min: -8, max: 8 });
    await fc.assert(
      fc.asyncProperty(delta, delta, async (chosen, rejected) => {
        const raised = { ...pairOf(chosen, rejected), referenceChosenLogps: [0.5] };
        expect(await runPairs(subject, raised, options)).toEqual(
          await runPairs(subject, pairOf(chosen - 0.5, rejected), options),
        );
      }),
    );
  });

  if (!facts.scaleFree) return;
  test('law: only β·Δ counts: (β, Δ) → (β/4, 4Δ)', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(), beta, async (inputs, b) => {
        const stretched = Object.fromEntries(
          Object.entries(inputs).map(([name, row]) => [name, (row as number[]).map((x) => 4 * x)]),
        );
        const value = (await runPairs(subject, inputs, { ...options, beta: b })).value;
        expectFloat32([(await runPairs(subject, stretched, { ...options, beta: b / 4 })).value], [value]);
      }),
    );
  });
}

/** A loss that lies between two bounds, whatever β. */
export function boundsLaw(subject: LossCase, low: number, high: number): void {
  if (skipsConsequences) return;
  test(`law: between ${low} and ${high}`, async () => {
    await fc.assert(
      fc.asyncProperty(pairs(), beta, async (inputs, b) => {
        const { value } = await runPairs(subject, inputs, { beta: b });
        expect(value).toBeGreaterThanOrEqual(low);
        expect(value).toBeLessThanOrEqual(high + 1e-6);
      }),
    );
  });
}

/** Of −log σ(x), x the margin: L(x) − L(−x) = −x. */
export function swapLaw(subject: LossCase): void {
  if (skipsConsequences) return;
  test('law: swapping the sides changes the loss by the mean margin, L(x) − L(−x) = −x', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(1), beta, async (inputs, b) => {
        const difference =
          (await runPairs(subject, inputs, { beta: b })).value -
          (await runPairs(subject, swapSides(inputs), { beta: b })).value;
        const x = logits(inputs, b);
        const mean = x.reduce((a, c) => a + c, 0) / x.length;
        expect(isClose(difference, -mean, 1e-4, 1e-5 * Math.max(1, ...x.map(Math.abs)))).toBe(true);
      }),
    );
  });
}

/** A loss of the margin h = Δ_w − Δ_l alone. */
export function marginLaws(subject: LossCase, options: Options = {}): void {
  if (skipsConsequences) return;
  const delta = fc.integer({ min: -40, max: 40 });

  test('law: the two sides receive opposite gradients', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(), beta, async (inputs, b) => {
        const { gradients } = await runPairs(subject, inputs, { ...options, beta: b });
        gradients.policyChosenLogps!.forEach((g, i) => {
          expect(Math.abs(g + gradients.policyRejectedLogps![i]!)).toBe(0);
        });
      }),
    );
  });

  test('law: a constant added to both log-ratios changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(delta, delta, fc.integer({ min: -100, max: 100 }), async (chosen, rejected, shift) => {
        const moved = await runPairs(subject, pairOf(chosen + shift, rejected + shift), options);
        expect(moved).toEqual(await runPairs(subject, pairOf(chosen, rejected), options));
      }),
    );
  });
}
