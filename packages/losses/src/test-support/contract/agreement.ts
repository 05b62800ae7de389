import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inputsOf } from '../cases/arbitraries.ts';
import { type Arrays, evaluateLoss, flat, isMatrix } from '../cases/arrays.ts';
import type { LossCase, Options } from '../cases/loss-case.ts';
import { cases, inOperations, onCpu, skipsConsequences } from '../running/backend.ts';
import { expectFloat32, isClose } from '../running/close.ts';
import { largestInput, magnitude, trainedInputs } from './facts.ts';

/** Value and gradients of both versions on one batch: float32 within 1e-5 of float64, ±∞ where float32 ends, and never NaN. */
async function expectAgreement(subject: LossCase, inputs: Arrays, options: Options): Promise<void> {
  // At a kink float32 and float64 may stand on different sides of it.
  fc.pre(!inOperations || (subject.smooth?.(inputs, options) ?? true));
  const trained = trainedInputs(subject);
  const actual = await evaluateLoss((t) => subject.loss(t, options), inputs, trained);
  const expected = subject.reference(inputs, options, inputs);
  const size = magnitude(inputs, options);
  expect(expected.value, "the float64 reference's value").not.toBeNaN();
  expectFloat32([actual.value], [expected.value], inOperations ? size ** 2 : size, 'value');
  for (const name of trained) {
    const gradient = flat(expected.gradients[name]!);
    expect(gradient, `the float64 reference's gradient on ${name}`).not.toContain(Number.NaN);
    const cancelled = (subject.resolution ?? 0) * 1e13 * Math.max(1, largestInput(inputs));
    expectFloat32(actual.gradients[name]!, gradient, inOperations ? size : cancelled, `gradient on ${name}`);
  }
}

/** Both versions agree at every magnitude, and the closed-form gradient is the derivative. */
export function agreement(subject: LossCase): void {
  const magnitudes = inOperations ? 1 : 3;

  test('law: value and gradient equal the float64 reference', () =>
    fc.assert(
      fc.asyncProperty(inputsOf(subject.inputs, magnitudes), subject.options, (inputs, options) =>
        expectAgreement(subject, inputs, options),
      ),
      { numRuns: Math.max(cases(200), skipsConsequences ? 1 : 3) },
    ));

  if (onCpu)
    test('law: the closed-form gradient equals central differences of the reference', () => {
      fc.assert(
        fc.property(inputsOf(subject.inputs, 3, { maxRows: 2 }), subject.options, (inputs, options) => {
          fc.pre(subject.smooth?.(inputs, options) ?? true);
          expectDifferences(subject, inputs, options);
        }),
        { numRuns: cases(200) },
      );
    });

  test('law: at 1e5 the numbers are right, or ±∞ where float32 has none: one row, single and many columns', async () => {
    const extreme = fc.constantFrom(-1e5, -99999.992, 0, 1, 1e5);
    const eight = fc.array(extreme, { minLength: 8, maxLength: 8 });
    for (const maxColumns of [1, 6]) {
      await fc.assert(
        fc.asyncProperty(
          inputsOf(subject.inputs, 1, { maxRows: 1, maxColumns }),
          subject.options,
          eight,
          async (inputs, options, numbers) => {
            const far = stretched(subject, inputs, numbers);
            // Float32 operations know a sum of such numbers to 0.01, and a weight e^Σ to nothing better.
            if (inOperations && 'behaviorLogps' in inputs) await expectNumbers(subject, far, options);
            else await expectAgreement(subject, far, options);
          },
        ),
        { numRuns: cases(100) },
      );
    }
  });
}

/** Value and gradients are numbers, or ±∞ where the reference's are beyond float32. */
async function expectNumbers(subject: LossCase, inputs: Arrays, options: Options): Promise<void> {
  const { value, gradients } = await evaluateLoss((t) => subject.loss(t, options), inputs, trainedInputs(subject));
  expect(value, 'value').not.toBeNaN();
  for (const [name, gradient] of Object.entries(gradients))
    expect(gradient, `gradient on ${name}`).not.toContain(Number.NaN);
}

/** Every log-prob replaced by one of `numbers`, in turn. */
function stretched(subject: LossCase, inputs: Arrays, numbers: readonly number[]): Arrays {
  let next = 0;
  const far = (): number => Math.fround(numbers[next++ % numbers.length]!);
  return Object.fromEntries(
    Object.entries(inputs).map(([name, array]) => {
      const { kind } = subject.inputs[name]!;
      if (kind !== 'logps' && kind !== 'reference') return [name, array];
      return [name, isMatrix(array) ? array.map((row) => row.map(far)) : array.map(far)];
    }),
  );
}

/** Central differences of the reference, every coordinate of every trained input. */
function expectDifferences(subject: LossCase, inputs: Arrays, options: Options): void {
  const { value, gradients } = subject.reference(inputs, options, inputs);
  // A difference of numbers this large says nothing.
  fc.pre(Math.abs(value) < 1e12);
  const step = subject.differenceStep?.(options) ?? 1e-4 / Math.max(1, Number(options.beta ?? 1));
  for (const name of trainedInputs(subject)) {
    const closed = flat(gradients[name]!);
    closed.forEach((g, k) => {
      const moved = (by: number): number => subject.reference(nudged(inputs, name, k, by), options, inputs).value;
      const [above, below] = [moved(step), moved(-step)];
      const rounding = (1e-15 * Math.max(1, Math.abs(value), magnitude(inputs, options))) / step;
      const quotient = (above - below) / (2 * step);
      if (!isClose(quotient, g, 1e-5, rounding + 1e-9 * Math.abs(g))) {
        expect.fail(`${name}[${k}]: closed form ${g}, central difference ${quotient} (± ${rounding})`);
      }
    });
  }
}

function nudged(inputs: Arrays, name: string, index: number, by: number): Arrays {
  const array = inputs[name]!;
  if (!isMatrix(array)) return { ...inputs, [name]: array.map((x, i) => (i === index ? x + by : x)) };
  const width = array[0]!.length;
  return { ...inputs, [name]: array.map((row, i) => row.map((x, t) => (i * width + t === index ? x + by : x))) };
}
