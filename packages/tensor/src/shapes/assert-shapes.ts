import { ShapeError } from './shape-error.ts';

/** What `assertShapes` needs of a tensor: anything with a shape. */
export interface Shaped {
  readonly shape: readonly number[];
}

/** The names in a shape: `'B S'` has `'B' | 'S'`, `'B 3'` has `'B'`; of a shape not written out, any. */
type Names<Spec extends string> = string extends Spec
  ? string
  : Spec extends `${infer First} ${infer Rest}`
    ? Names<First> | Names<Rest>
    : Spec extends '' | `${number}`
      ? never
      : Spec;

/**
 * Checks every argument in one call and reports every offender. A shape is written as named dimensions (`'B S'`) or
 * numbers (`'B 3'`); the first tensor that uses a name binds it, `''` is a scalar. Returns the bound dimensions.
 *
 * @param caller - the function whose arguments these are, for the message
 * @param specs - argument name → [tensor, shape]
 * @throws ShapeError naming the function and, for each offender, argument, expected and actual shape
 * @example
 * ```ts
 * import { assertShapes, tf } from '@svo/tensor';
 * const credits = tf.zeros([2, 3]);
 * assertShapes('dvoLoss', { credits: [credits, 'B S'] }); // => { B: 2, S: 3 }
 * ```
 */
export function assertShapes<Spec extends string>(
  caller: string,
  specs: Readonly<Record<string, readonly [Shaped | undefined, Spec]>>,
): Record<Names<Spec>, number> {
  const bound: Record<string, number> = {};
  const boundBy: Record<string, string> = {};
  const complaints: string[] = [];
  for (const [argument, [tensor, spec]] of Object.entries(specs)) {
    if (tensor === undefined || !Array.isArray(tensor.shape)) {
      complaints.push(`${argument} must be a tensor of shape [${spec.split(' ').join(', ')}], got ${String(tensor)}`);
      continue;
    }
    const expected = spec === '' ? [] : spec.split(' ');
    if (!matches(expected, tensor.shape, bound, boundBy, argument)) {
      complaints.push(`${argument} must be ${describe(expected, bound, boundBy)}, got [${tensor.shape.join(', ')}]`);
    }
  }
  if (complaints.length > 0) throw new ShapeError(`${caller}: ${complaints.join('; ')}`);
  return bound;
}

/** Compares and, on the way, binds the names this tensor is the first to use. */
function matches(
  expected: readonly string[],
  actual: readonly number[],
  bound: Record<string, number>,
  boundBy: Record<string, string>,
  argument: string,
): boolean {
  if (expected.length !== actual.length) return false;
  return expected.every((dimension, axis) => {
    const size = /^\d+$/.test(dimension) ? Number(dimension) : bound[dimension];
    if (size !== undefined) return size === actual[axis];
    bound[dimension] = actual[axis]!;
    boundBy[dimension] = argument;
    return true;
  });
}

/** `[B, S] = [2, 3] (B, S from policyLogps)`: the names, and what they are bound to by now. */
function describe(
  expected: readonly string[],
  bound: Readonly<Record<string, number>>,
  boundBy: Readonly<Record<string, string>>,
): string {
  const symbolic = `[${expected.join(', ')}]`;
  if (expected.length === 0 || expected.some((name) => bound[name] === undefined && !/^\d+$/.test(name)))
    return symbolic;
  const sources = [...new Set(expected.map((name) => boundBy[name]).filter((source) => source !== undefined))];
  return `${symbolic} = [${expected.map((name) => bound[name] ?? name).join(', ')}] as in ${sources.join(', ')}`;
}
