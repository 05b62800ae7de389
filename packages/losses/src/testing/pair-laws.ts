import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectFloat32 } from './close.ts';
import { beta, type LossCase } from './loss-case.ts';
import { atReference, pairOf, pairs, runPairs } from './pair-case.ts';

type Options = Readonly<Record<string, unknown>>;

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

  test('law: its value where policy and reference agree', () => {
    fc.assert(
      fc.property(pairs(), beta, (inputs, b) => {
        const { value } = runPairs(subject, atReference(inputs), { ...options, beta: b });
        expectFloat32([value], [facts.atReference(b)]);
      }),
    );
  });

  test('law: a constant added to policy and reference of one side changes nothing', () => {
    const delta = fc.integer({ min: -40, max: 40 });
    fc.assert(
      fc.property(fc.integer({ min: -500, max: 500 }), delta, delta, (shift, chosen, rejected) => {
        const plain = pairOf(chosen, rejected);
        const moved = { ...plain, policyChosenLogps: [chosen + shift], referenceChosenLogps: [shift] };
        expect(runPairs(subject, moved, options)).toEqual(runPairs(subject, plain, options));
      }),
    );
  });

  test('law: the gradient of the reference side is minus that of the policy side (finite differences of the value)', () => {
    const delta = fc.integer({ min: -8, max: 8 });
    fc.assert(
      fc.property(delta, delta, (chosen, rejected) => {
        const raised = { ...pairOf(chosen, rejected), referenceChosenLogps: [0.5] };
        expect(runPairs(subject, raised, options)).toEqual(runPairs(subject, pairOf(chosen - 0.5, rejected), options));
      }),
    );
  });

  if (!facts.scaleFree) return;
  test('law: only β·Δ counts: (β, Δ) → (β/4, 4Δ)', () => {
    fc.assert(
      fc.property(pairs(), beta, (inputs, b) => {
        const stretched = Object.fromEntries(
          Object.entries(inputs).map(([name, row]) => [name, (row as number[]).map((x) => 4 * x)]),
        );
        const value = runPairs(subject, inputs, { ...options, beta: b }).value;
        expectFloat32([runPairs(subject, stretched, { ...options, beta: b / 4 }).value], [value]);
      }),
    );
  });
}

/** A loss of the margin h = Δ_w − Δ_l alone. */
export function marginLaws(subject: LossCase, options: Options = {}): void {
  const delta = fc.integer({ min: -40, max: 40 });

  test('law: the two sides receive opposite gradients', () => {
    fc.assert(
      fc.property(pairs(), beta, (inputs, b) => {
        const { gradients } = runPairs(subject, inputs, { ...options, beta: b });
        gradients.policyChosenLogps.forEach((g, i) => {
          expect(Math.abs(g + gradients.policyRejectedLogps[i])).toBe(0);
        });
      }),
    );
  });

  test('law: a constant added to both log-ratios changes nothing', () => {
    fc.assert(
      fc.property(delta, delta, fc.integer({ min: -100, max: 100 }), (chosen, rejected, shift) => {
        const moved = runPairs(subject, pairOf(chosen + shift, rejected + shift), options);
        expect(moved).toEqual(runPairs(subject, pairOf(chosen, rejected), options));
      }),
    );
  });
}

/** β out of range, by message. */
export function betaErrors(subject: LossCase): void {
  test('errors: β must be a finite number > 0', () => {
    for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const call = () => runPairs(subject, pairOf(0, 0), { beta: bad });
      expect(call).toThrow(RangeError);
      expect(call).toThrow(`${subject.name}: beta must be a finite number > 0, got ${bad} (it multiplies log π/π_ref`);
    }
  });
}
