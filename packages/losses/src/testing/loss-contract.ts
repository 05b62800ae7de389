import { ShapeError, tf } from '@svo/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Matrix, Vector } from '../reference/index.ts';
import { inputsOf } from './arbitraries.ts';
import { type Arrays, evaluateLoss, flat, isMatrix, toTensors } from './arrays.ts';
import { inOperations } from './backend.ts';
import { expectFloat32, isClose } from './close.ts';
import type { LossCase } from './loss-case.ts';

type Options = Readonly<Record<string, unknown>>;
const runs = { numRuns: 200 };

/** The laws every loss obeys, as tests: one line a loss. */
export function lossContract(subject: LossCase): void {
  const names = Object.keys(subject.inputs);
  const trained = names.filter((name) => subject.inputs[name].trained);
  const masked = 'mask' in subject.inputs;
  const reach = inOperations ? 1 : (subject.reach ?? 3);
  const drawn = fc.tuple(inputsOf(subject.inputs, reach), subject.options);
  const run = (inputs: Arrays, options: Options) => evaluateLoss((t) => subject.loss(t, options), inputs, trained);
  const agree = (inputs: Arrays, options: Options): void => {
    // At a kink float32 and float64 may stand on different sides of it.
    fc.pre(!inOperations || (subject.smooth?.(inputs, options) ?? true));
    const [actual, expected] = [run(inputs, options), subject.reference(inputs, options, inputs)];
    const size = magnitude(inputs, options);
    expectFloat32([actual.value], [expected.value], inOperations ? size ** 2 : size);
    for (const name of trained) {
      expectFloat32(
        actual.gradients[name],
        flat(expected.gradients[name]),
        inOperations ? size : (subject.resolution ?? 0) * 1e13 * Math.max(1, largestInput(inputs)),
      );
    }
  };

  test('law: value and gradient equal the float64 reference', () => {
    fc.assert(
      fc.property(drawn, ([inputs, options]) => agree(inputs, options)),
      runs,
    );
  });

  test('law: the closed-form gradient equals central differences of the reference', () => {
    fc.assert(
      fc.property(
        fc.tuple(inputsOf(subject.inputs, subject.reach ?? 3, { maxRows: 2 }), subject.options),
        ([inputs, options]) => {
          fc.pre(subject.smooth?.(inputs, options) ?? true);
          differencesAgree(subject, inputs, options, trained);
        },
      ),
      runs,
    );
  });

  test('law: the order of rows changes nothing but the order of gradients', () => {
    fc.assert(
      fc.property(drawn, ([inputs, options]) => {
        const turned = mapArrays(inputs, (array) => [...array].reverse() as unknown as Vector);
        const [forwards, backwards] = [run(inputs, options), run(turned, options)];
        expectFloat32([backwards.value], [forwards.value], magnitude(inputs, options));
        for (const name of trained) {
          const rows = inputs[name].length;
          const width = isMatrix(inputs[name]) ? inputs[name][0].length : 1;
          const reversed = Array.from({ length: rows }, (_, i) =>
            forwards.gradients[name].slice((rows - 1 - i) * width, (rows - i) * width),
          ).flat();
          expectFloat32(backwards.gradients[name], reversed);
        }
      }),
      runs,
    );
  });

  test('law: with a normalizer, micro-batches add up to the big batch', () => {
    fc.assert(
      fc.property(drawn, ([inputs, options]) => {
        const whole = { ...options, ...subject.splitOptions };
        const part = { ...whole, normalizer: subject.normalizer(inputs, options) };
        const rows = batchRows(subject, inputs);
        const pieces = Array.from({ length: rows }, (_, i) => run(sliceRow(subject, inputs, i), part));
        const big = run(inputs, whole);
        expectFloat32(
          [pieces.reduce((total, { value }) => total + value, 0)],
          [big.value],
          magnitude(inputs, options) ** 2 * 1e6,
        );
        for (const name of trained) {
          expectFloat32(
            pieces.flatMap(({ gradients }) => gradients[name]),
            big.gradients[name],
          );
        }
      }),
      runs,
    );
  });

  test('law: what is not trained receives no gradient', () => {
    fc.assert(
      fc.property(drawn, ([inputs, options]) => {
        const data = names.filter((name) => !subject.inputs[name].trained && subject.inputs[name].kind !== 'stepIds');
        const { gradients } = evaluateLoss((t) => subject.loss(t, options), inputs, data);
        for (const name of data) expect(gradients[name].every((g) => g === 0)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  // A loss that says it overflows at 1e3 cannot be asked to hold at 1e5.
  test.skipIf(subject.reach !== undefined)('law: a batch of one row, and numbers up to 1e5', () => {
    const extreme = fc.constantFrom(-1e5, -99999.992, 0, 1, 1e5);
    fc.assert(
      fc.property(
        inputsOf(subject.inputs, 1, { maxRows: 1 }),
        subject.options,
        fc.array(extreme, { minLength: 8, maxLength: 8 }),
        (inputs, options, far) => {
          let next = 0;
          const stretched = Object.fromEntries(
            names.map((name) => {
              const { kind } = subject.inputs[name];
              const replace = (x: number): number =>
                kind === 'logps' || kind === 'reference' ? Math.fround(far[next++ % 8]) : x;
              const array = inputs[name];
              return [name, isMatrix(array) ? array.map((row) => row.map(replace)) : array.map(replace)];
            }),
          );
          const { value, gradients } = run(stretched, options);
          expect(Number.isNaN(value)).toBe(false);
          expect(trained.every((name) => gradients[name].every(Number.isFinite))).toBe(true);
          if (!inOperations) agree(stretched, options);
        },
      ),
      runs,
    );
  });

  test('law: a NaN in a valid slot stays NaN', () => {
    fc.assert(
      fc.property(drawn, ([inputs, options]) => {
        const poisoned = poison(inputs, trained[0], Number.NaN, true, options.level === 'step');
        fc.pre(poisoned !== undefined);
        if (poisoned !== undefined) expect(run(poisoned, options).value).toBeNaN();
      }),
      { numRuns: 30 },
    );
  });

  test('law: a thousand calls leave no tensor behind', () => {
    const [[inputs, options]] = fc.sample(drawn, { numRuns: 1, seed: 1 });
    const tensors = toTensors(inputs);
    run(inputs, options);
    const before = tf.memory().numTensors;
    for (let i = 0; i < 1000; i++) subject.loss(tensors, options).dispose();
    for (let i = 0; i < 20; i++) run(inputs, options);
    expect(tf.memory().numTensors).toBe(before);
    for (const tensor of Object.values(tensors)) tensor.dispose();
  });

  test('law: the gradient scales with what comes from above', () => {
    fc.assert(
      fc.property(drawn, fc.double({ min: -8, max: 8, noNaN: true }), ([inputs, options], factor) => {
        const scaled = evaluateLoss((t) => tf.mul(subject.loss(t, options), factor), inputs, trained);
        const plain = run(inputs, options);
        for (const name of trained) {
          expectFloat32(
            scaled.gradients[name],
            plain.gradients[name].map((g) => g * Math.fround(factor)),
          );
        }
      }),
      { numRuns: 20 },
    );
  });

  if (masked) maskedContract(subject, trained, drawn, run);
  else emptyContract(subject, run);

  test('errors: a wrong rank or shape is a ShapeError naming function, argument, expected and got', () => {
    const [[inputs, options]] = fc.sample(drawn, { numRuns: 1, seed: 2 });
    for (const name of names) {
      const tensors = toTensors(inputs);
      const wrong = { ...tensors, [name]: tf.zeros([2, 3, 4]) };
      const call = () => subject.loss(wrong, options);
      const spec = `[${subject.inputs[name].shape.replace('B S', 'B [ST]').split(' ').join(', ')}`.replace('[ST]', '');
      expect(call).toThrow(ShapeError);
      expect(call).toThrow(`${subject.name}: `);
      expect(call).toThrow(new RegExp(`(${name} must be|must be .*, got \\[2, 3, 4\\]|as in ${name})`));
      expect(call).toThrow(spec.slice(0, 2));
      if (name === trained[0]) {
        expect(() => subject.loss({ ...tensors, [name]: undefined as never }, options)).toThrow(
          `${subject.name}: ${name} must be a tensor`,
        );
      }
    }
  });

  test('errors: a normalizer of 0, below or NaN', () => {
    const [[inputs, options]] = fc.sample(drawn, { numRuns: 1, seed: 3 });
    for (const normalizer of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const call = () => subject.loss(toTensors(inputs), { ...options, normalizer });
      expect(call).toThrow(RangeError);
      expect(call).toThrow(`${subject.name}: normalizer must be a finite number > 0, got ${normalizer}`);
    }
  });
}

/** Masked losses: padding is invisible, and nothing valid means 0. */
function maskedContract(
  subject: LossCase,
  trained: readonly string[],
  drawn: fc.Arbitrary<[Arrays, Options]>,
  run: (inputs: Arrays, options: Options) => { value: number; gradients: Readonly<Record<string, readonly number[]>> },
): void {
  const garbage = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3e38, -1e5, 0);

  test('law: garbage in masked slots, NaN included, changes neither value nor gradient', () => {
    fc.assert(
      fc.property(drawn, garbage, ([inputs, options], junk) => {
        let dirty = inputs;
        for (const name of Object.keys(subject.inputs)) {
          const { kind } = subject.inputs[name];
          if (kind === 'mask' || kind === 'stepIds' || subject.inputs[name].shape !== 'B S') continue;
          dirty = poison(dirty, name, junk, false) ?? dirty;
        }
        expect(run(dirty, options)).toEqual(run(inputs, options));
      }),
      runs,
    );
  });

  test('law: a masked column is as good as a missing one', () => {
    fc.assert(
      fc.property(drawn, ([inputs, options]) => {
        const padded = mapArrays(inputs, (array) => (isMatrix(array) ? array.map((row) => [...row, 0]) : array));
        const [wide, narrow] = [run(padded, options), run(inputs, options)];
        expectFloat32([wide.value], [narrow.value]);
        const width = (inputs.mask as Matrix)[0].length;
        for (const name of trained) {
          const kept = wide.gradients[name].filter((_, i) => i % (width + 1) < width);
          expectFloat32(kept, narrow.gradients[name]);
          expect(wide.gradients[name].filter((_, i) => i % (width + 1) === width).every((g) => g === 0)).toBe(true);
        }
      }),
      runs,
    );
  });

  test('edge: all masked is 0 with zero gradients, whatever the slots hold', () => {
    fc.assert(
      fc.property(drawn, garbage, ([inputs, options], junk) => {
        const blank = { ...inputs, mask: (inputs.mask as Matrix).map((row) => row.map(() => 0)) };
        const dirty = poison(blank, trained[0], junk, false) ?? blank;
        const { value, gradients } = run(dirty, options);
        expect(Math.abs(value)).toBe(0);
        for (const name of trained) expect(gradients[name].every((g) => g === 0)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
}

/** Losses over whole rows: an empty batch is 0. */
function emptyContract(subject: LossCase, run: (inputs: Arrays, options: Options) => { value: number }): void {
  test('edge: an empty batch is 0', () => {
    const [[inputs, options]] = fc.sample(fc.tuple(inputsOf(subject.inputs), subject.options), { numRuns: 1, seed: 4 });
    const none = Object.fromEntries(
      Object.entries(inputs).map(([name, array]) => [name, subject.inputs[name].shape === 'M' ? array : []]),
    );
    expect(Math.abs(run(none, options).value)).toBe(0);
  });
}

/** Puts `value` into one masked-out (or valid) slot of an input; undefined when there is none. */
function poison(inputs: Arrays, name: string, value: number, valid: boolean, bySteps = false): Arrays | undefined {
  const array = inputs[name];
  if (!isMatrix(array)) return { ...inputs, [name]: array.map((x, i) => (i === 0 ? value : x)) };
  const mask = inputs.mask as Matrix;
  const steps = bySteps ? (inputs.stepIds as Matrix) : undefined;
  const scored = (i: number, t: number): boolean => mask[i][t] > 0 && (steps === undefined || steps[i][t] >= 0);
  if (!array.some((row, i) => row.some((_, t) => scored(i, t) === valid))) return undefined;
  if (!valid) return { ...inputs, [name]: array.map((row, i) => row.map((x, t) => (mask[i][t] > 0 ? x : value))) };
  // The first valid slot of a row is a state at every level.
  let done = false;
  const poisoned = array.map((row, i) =>
    row.map((x, t) => {
      if (done || !scored(i, t)) return x;
      done = true;
      return value;
    }),
  );
  return { ...inputs, [name]: poisoned };
}

/** Central differences of the reference, every coordinate of every trained input. */
function differencesAgree(subject: LossCase, inputs: Arrays, options: Options, trained: readonly string[]): void {
  const { value, gradients } = subject.reference(inputs, options, inputs);
  const step = subject.differenceStep?.(options) ?? 1e-4 / Math.max(1, Number(options.beta ?? 1));
  for (const name of trained) {
    const closed = flat(gradients[name]);
    closed.forEach((g, k) => {
      const moved = (by: number): number => subject.reference(nudge(inputs, name, k, by), options, inputs).value;
      const [above, below] = [moved(step), moved(-step)];
      const rounding = (1e-15 * Math.max(1, Math.abs(value), magnitude(inputs, options))) / step;
      const quotient = (above - below) / (2 * step);
      if (!isClose(quotient, g, 1e-5, rounding + 1e-9 * Math.abs(g))) {
        expect.fail(`${name}[${k}]: closed form ${g}, central difference ${quotient} (± ${rounding})`);
      }
    });
  }
}

function nudge(inputs: Arrays, name: string, index: number, by: number): Arrays {
  const array = inputs[name];
  if (!isMatrix(array)) return { ...inputs, [name]: array.map((x, i) => (i === index ? x + by : x)) };
  const width = array[0].length;
  return { ...inputs, [name]: array.map((row, i) => row.map((x, t) => (i * width + t === index ? x + by : x))) };
}

/** The largest number that enters a sum, so that cancellation can be told from error. */
function magnitude(inputs: Arrays, options: Options): number {
  const largest = Math.max(1, ...Object.values(inputs).flatMap((array) => flat(array).map(Math.abs)));
  return largest * Math.max(1, Number(options.beta ?? options.tau ?? 1));
}

function mapArrays(inputs: Arrays, f: (array: Vector | Matrix) => Vector | Matrix): Arrays {
  return Object.fromEntries(Object.entries(inputs).map(([name, array]) => [name, f(array)]));
}

/** Rows of the batch: the inputs that are not lists of mismatched pairs. */
function batchRows(subject: LossCase, inputs: Arrays): number {
  return inputs[Object.keys(subject.inputs).find((name) => subject.inputs[name].shape !== 'M') as string].length;
}

function sliceRow(subject: LossCase, inputs: Arrays, i: number): Arrays {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, array]) => [
      name,
      subject.inputs[name].shape === 'M' ? array : array.slice(i, i + 1),
    ]),
  ) as Arrays;
}

/** The size of the terms a gradient's residual is a difference of. */
function largestInput(inputs: Arrays): number {
  const sizes = Object.values(inputs).flatMap((array) => flat(array).filter(Number.isFinite).map(Math.abs));
  return Math.max(0, ...sizes);
}
