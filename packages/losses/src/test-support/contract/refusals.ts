/** Options and inputs a loss refuses, each with what it says: the whole message after the loss's name. */
import type { Arrays } from '../cases/arrays.ts';

/** One call that throws. */
export interface Refusal {
  readonly options: Readonly<Record<string, unknown>>;
  /** Inputs put in place of the drawn ones; undefined leaves an input out. */
  readonly inputs?: Readonly<Record<string, Arrays[string] | undefined>>;
  /** RangeError unless said otherwise. */
  readonly error?: 'ShapeError' | 'RangeError';
  readonly message: string;
}

const each = (argument: string, bad: readonly unknown[], rule: string, hint = ''): Refusal[] =>
  bad.map((value) => ({
    options: { [argument]: value },
    message: `${argument} must be ${rule}, got ${typeof value === 'string' ? JSON.stringify(value) : String(value)}${hint}`,
  }));

const { NaN: nan, POSITIVE_INFINITY: infinite, NEGATIVE_INFINITY: negativeInfinite } = Number;

/** A finite number > 0. */
export const notPositive = (argument: string, hint: string): Refusal[] =>
  each(argument, [0, -1, nan, infinite], 'a finite number > 0', ` (${hint})`);

/** A finite number ≥ 0. */
export const negative = (argument: string): Refusal[] =>
  each(argument, [-1e-9, nan, infinite, negativeInfinite], 'a finite number ≥ 0');

/** A finite number. */
export const notFinite = (argument: string): Refusal[] =>
  each(argument, [nan, infinite, negativeInfinite], 'a finite number');

/** In a range, written as in the message: `'[0, 1]'`, with numbers just and far outside. */
export const outside = (argument: string, range: string, bad: readonly number[]): Refusal[] =>
  each(argument, [...bad, nan, infinite], `in ${range}`);

/** One of some words. */
export const unknownWord = (argument: string, choices: readonly string[]): Refusal[] =>
  each(argument, ['', 'other'], choices.map((choice) => `'${choice}'`).join(' | '));

/** True or false. */
export const notBoolean = (argument: string): Refusal[] => each(argument, [0, null], 'true or false');

/** β. */
export const wrongBeta: Refusal[] = notPositive(
  'beta',
  'it multiplies log π/π_ref: a smaller one lets the policy move further',
);
