import {
  assertBoolean,
  assertFinite,
  assertNotNegative,
  assertOneOf,
  assertPositive,
  assertRange,
  BETA_HINT,
  type Range,
} from '../shared/check.ts';
import { defaults } from '../shared/defaults.ts';

/** An option: what it is when nobody says, and what it may be. `symbol` is its name in the formulas of docs/losses.md. */
export type OptionSpec = { readonly symbol?: string } & (
  | { readonly kind: 'positive'; readonly initial: number; readonly hint: string }
  | { readonly kind: 'notNegative' | 'finite'; readonly initial: number }
  | { readonly kind: 'range'; readonly initial: number; readonly range: Range }
  | {
      readonly kind: 'word';
      readonly initial: string;
      readonly choices: readonly string[];
      readonly renamed?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'boolean'; readonly initial: boolean }
  | { readonly kind: 'numberOr'; readonly initial: string }
);

/** β scales the implicit reward β·log(π/π_ref). */
export const beta = (initial: number = defaults.beta): OptionSpec => positive(initial, BETA_HINT, 'beta');

/** A finite number > 0; `hint` says in the error what it is for. */
export const positive = (initial: number, hint: string, symbol?: string): OptionSpec =>
  named(symbol, { kind: 'positive', initial, hint });

/** A finite number ≥ 0. */
export const notNegative = (initial: number, symbol?: string): OptionSpec =>
  named(symbol, { kind: 'notNegative', initial });

/** A finite number. */
export const finite = (initial: number, symbol?: string): OptionSpec => named(symbol, { kind: 'finite', initial });

/** low ≤ number ≤ high. */
export const within = (initial: number, [low, high]: readonly [number, number], symbol?: string): OptionSpec =>
  named(symbol, { kind: 'range', initial, range: { low, high, open: 'none' } });

/** low ≤ number < high. */
export const below = (initial: number, [low, high]: readonly [number, number], symbol?: string): OptionSpec =>
  named(symbol, { kind: 'range', initial, range: { low, high, open: 'high' } });

/** low < number < high. */
export const between = (initial: number, [low, high]: readonly [number, number], symbol?: string): OptionSpec =>
  named(symbol, { kind: 'range', initial, range: { low, high, open: 'both' } });

/** One of some words, the first by default. */
export const oneOf = (...choices: readonly [string, ...string[]]): OptionSpec => ({
  kind: 'word',
  initial: choices[0],
  choices,
});

/** True or false. */
export const flag = (initial: boolean): OptionSpec => ({ kind: 'boolean', initial });

/** A finite number, or a word, which is the default. */
export const numberOr = (word: string, symbol?: string): OptionSpec =>
  named(symbol, { kind: 'numberOr', initial: word });

/** What the reductions were called before they had one vocabulary. */
const renamed = {
  trajectory: 'row',
  sequenceMean: 'row',
  step: 'flat',
  token: 'flat',
  state: 'flat',
  sequenceSum: 'sum',
  rows: 'sum',
};

/** How a masked loss averages, see `Reduction`; the first by default. */
export const reduction = (...choices: readonly ['row' | 'flat', ...('row' | 'flat' | 'sum')[]]): OptionSpec => ({
  kind: 'word',
  initial: choices[0],
  choices,
  renamed,
});

function named<T extends object>(symbol: string | undefined, spec: T): T {
  return symbol === undefined ? spec : { ...spec, symbol };
}

/** @throws RangeError, naming function and option, for a value that is not what the specification says */
export function assertOption(caller: string, name: string, spec: OptionSpec, value: unknown): void {
  const number = value as number;
  if (spec.kind === 'positive') assertPositive(caller, name, number, spec.hint);
  else if (spec.kind === 'notNegative') assertNotNegative(caller, name, number);
  else if (spec.kind === 'range') assertRange(caller, name, number, spec.range);
  else if (spec.kind === 'boolean') assertBoolean(caller, name, value as boolean);
  else if (spec.kind === 'word') assertOneOf(caller, name, value as string, spec.choices, spec.renamed);
  else if (value !== spec.initial) assertFinite(caller, name, number);
}
