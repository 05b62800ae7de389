import fc from 'fast-check';
import type { InputSpecs, Kind } from '../../manifest/manifest.ts';
import type { Matrix, Vector } from '../../reference/index.ts';
import { type Arrays, isMatrix } from './arrays.ts';

/** How far the numbers of one drawn batch reach. */
interface Scales {
  /** log-probs lie in [−spread, 0] around … */
  readonly logps: number;
  /** … and policy and reference differ by up to this. */
  readonly difference: number;
  readonly values: number;
}

const powerOfTen = (low: number, high: number): fc.Arbitrary<number> =>
  fc.double({ min: low, max: high, noNaN: true }).map((exponent) => 10 ** exponent);

const unit = fc.double({ min: -1, max: 1, noNaN: true });

/** One value of an arbitrary, the same for the same seed. */
export function oneOf<Value>(arbitrary: fc.Arbitrary<Value>, seed: number): Value {
  const [value] = fc.sample(arbitrary, { numRuns: 1, seed });
  return value!;
}

/** Draws every input of a loss, magnitudes 1e-3 to 1e3 (`reach` tightens that), all numbers exact in float32. */
export function inputsOf(
  specs: InputSpecs,
  reach = 3,
  sizes: { readonly maxRows?: number; readonly maxColumns?: number } = {},
): fc.Arbitrary<Arrays> {
  const dimensions = fc.record({
    B: fc.integer({ min: 1, max: sizes.maxRows ?? 5 }),
    columns: fc.integer({ min: 1, max: sizes.maxColumns ?? 6 }),
    M: fc.integer({ min: 2, max: 5 }),
  });
  const scales = fc.record({
    logps: powerOfTen(-reach, reach),
    difference: powerOfTen(-reach, reach),
    values: powerOfTen(-reach, Math.min(reach, 2)),
  });
  return fc.tuple(dimensions, scales).chain(([sizesOf, scale]) => {
    const drawn = Object.entries(specs).map(([name, spec]) => {
      const [rows, columns] = spec.shape.split(' ');
      const row = (length: number) => fc.array(element(spec.kind, scale), { minLength: length, maxLength: length });
      const length = sizesOf[rows as 'B' | 'M'];
      const array =
        columns === undefined
          ? row(length)
          : fc.array(spec.kind === 'stepIds' ? stepIds(sizesOf.columns) : row(sizesOf.columns), {
              minLength: length,
              maxLength: length,
            });
      return [name, array] as const;
    });
    return (fc.record(Object.fromEntries(drawn)) as fc.Arbitrary<Arrays>).map(aroundReference);
  });
}

/** Policies lie around their references: log-ratios of 1e-3 beside log-probs of 1e3 are where float32 would cancel. */
function aroundReference(inputs: Arrays): Arrays {
  const shifted = Object.entries(inputs).map(([name, array]) => {
    const reference = inputs[name.replace('policy', 'reference')];
    if (!name.startsWith('policy') || reference === undefined) return [name, array];
    const add = (a: readonly number[], b: readonly number[]): number[] => a.map((x, i) => Math.fround(x + b[i]!));
    if (!isMatrix(array)) return [name, add(array, reference as Vector)];
    return [name, array.map((row, i) => add(row, (reference as Matrix)[i]!))];
  });
  return Object.fromEntries(shifted);
}

function element(kind: Kind, scale: Scales): fc.Arbitrary<number> {
  switch (kind) {
    case 'reference':
      return unit.map((x) => Math.fround(x * scale.logps));
    case 'logps':
      return unit.map((x) => Math.fround(x * scale.difference));
    case 'values':
    case 'rewards':
      return unit.map((x) => Math.fround(x * scale.values));
    case 'mask':
      return fc.constantFrom(1, 1, 1, 0);
    case 'weights':
      return fc.constantFrom(0, 0.25, 0.7, 1, 3).map(Math.fround);
    case 'labels':
      return fc.constantFrom(0, 1);
    default:
      return fc.integer({ min: 0, max: 40 });
  }
}

/** Steps in order, each of a few tokens, some tokens in none. */
function stepIds(length: number): fc.Arbitrary<number[]> {
  const moves = fc.array(fc.constantFrom(0, 0, 1, -1), { minLength: length, maxLength: length });
  return moves.map((row) => {
    let step = 0;
    return row.map((move) => {
      if (move < 0) return -1;
      step += move;
      return step;
    });
  });
}
