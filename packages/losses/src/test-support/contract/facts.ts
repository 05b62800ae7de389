/** What the contract's parts read off a case and its inputs. */
import type { Matrix, Vector } from '../../reference/index.ts';
import { type Arrays, flat, isMatrix } from '../cases/arrays.ts';
import type { LossCase, Options } from '../cases/loss-case.ts';

/** The inputs that carry gradient. */
export const trainedInputs = (subject: LossCase): string[] =>
  Object.keys(subject.inputs).filter((name) => subject.inputs[name]!.trained);

/** Whether an input holds numbers a loss computes with, rather than what it chooses by. */
export const isNumeric = (subject: LossCase, name: string): boolean =>
  !['mask', 'labels', 'stepIds'].includes(subject.inputs[name]!.kind);

/** Whether an input has columns. */
export const hasColumns = (subject: LossCase, name: string): boolean => subject.inputs[name]!.shape.includes(' ');

/** The size of the terms a gradient's residual is a difference of. */
export function largestInput(inputs: Arrays): number {
  const sizes = Object.values(inputs).flatMap((array) => flat(array).filter(Number.isFinite).map(Math.abs));
  return Math.max(0, ...sizes);
}

/** The largest number that enters a sum, so that cancellation can be told from error. */
export const magnitude = (inputs: Arrays, options: Options): number =>
  Math.max(1, largestInput(inputs)) * Math.max(1, Number(options.beta ?? options.tau ?? 1));

/** The same change to every input. */
export const mapArrays = (inputs: Arrays, change: (array: Vector | Matrix) => Vector | Matrix): Arrays =>
  Object.fromEntries(Object.entries(inputs).map(([name, array]) => [name, change(array)]));

/** Rows of the batch: the inputs that are not lists of mismatched pairs. */
export const batchRows = (subject: LossCase, inputs: Arrays): number =>
  inputs[Object.keys(subject.inputs).find((name) => subject.inputs[name]!.shape !== 'M') as string]!.length;

/** Some rows of the batch, the mismatched pairs with each. */
export const takeRows = (subject: LossCase, inputs: Arrays, from: number, to: number): Arrays =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, array]) => [
      name,
      subject.inputs[name]!.shape === 'M' ? array : array.slice(from, to),
    ]),
  ) as Arrays;

/** A number put into every masked slot of an input. */
export function inMasked(inputs: Arrays, name: string, value: number): Arrays {
  const mask = inputs.mask as Matrix;
  const filled = (inputs[name] as Matrix).map((row, i) => row.map((x, t) => (mask[i]![t]! > 0 ? x : value)));
  return { ...inputs, [name]: filled };
}

/**
 * A number put into one valid slot of an input, undefined where there is none. The first of a row, which is a state at every
 * level; of those in a step where states are steps.
 */
export function inValid(inputs: Arrays, name: string, value: number, options: Options): Arrays | undefined {
  const array = inputs[name]!;
  // A pair of weight 0 is out.
  if (name !== 'pairWeights' && inputs.pairWeights?.[0] === 0) return undefined;
  if (!isMatrix(array)) return { ...inputs, [name]: array.map((x, i) => (i === 0 ? value : x)) };
  const mask = inputs.mask as Matrix;
  const steps = options.level === 'step' ? (inputs.stepIds as Matrix) : undefined;
  // So is a token or a step of weight 0.
  const weights = (inputs.tokenWeights ?? inputs.stepWeights) as Matrix | undefined;
  const counts = (i: number, t: number): boolean => weights?.[i]?.[t] !== 0;
  const scored = (i: number, t: number): boolean =>
    mask[i]![t]! > 0 && counts(i, t) && (steps === undefined || steps[i]![t]! >= 0);
  const row = array.findIndex((numbers, i) => numbers.some((_, t) => scored(i, t)));
  if (row < 0) return undefined;
  const column = array[row]!.findIndex((_, t) => scored(row, t));
  return { ...inputs, [name]: array.map((xs, i) => (i === row ? xs.map((x, t) => (t === column ? value : x)) : xs)) };
}
