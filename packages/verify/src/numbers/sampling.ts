import type { Context } from '../comparing/match.ts';
import { type Node, some } from '../reading/ast.ts';
import { type Approx, finite, isReal, minus, plus, real, size } from './complex.ts';
import { evaluate, hashUnit, type Setting } from './numeric.ts';

const trials = 14;

/** The value of symbol `name` at trial t: positive reals, larger ones, reals of both signs, whole numbers. */
export function sample(name: string, t: number): number {
  const u = hashUnit(`${name}#${t}`);
  if (t < 4) return 0.4 + 3 * u;
  if (t < 6) return 2 + 10 * u;
  if (t < 9) return 6 * u - 3;
  return 2 + Math.floor(7 * u);
}

/** A setting of all symbols for trial t. */
export function settingFor(
  names: Iterable<string>,
  t: number,
  context: Context,
  roundedFrom: number = Number.POSITIVE_INFINITY,
  logBase: 'e' | '10' = 'e',
): Setting {
  const values = new Map<string, Approx>();
  for (const name of names) values.set(name, real(sample(name, t), 0));
  return { budget: context.budget, values, roundedFrom, logBase, notes: { swallowed: false } };
}

export const difference = (a: Approx, b: Approx): number => size(plus(a, minus(b)));

/** Are two finite values the same within what their errors allow? Undefined when the errors drown the values. */
export function close(a: Approx, b: Approx, slack: number, relative: number): boolean | undefined {
  const scale = Math.max(size(a), size(b));
  const noise = (a.err + b.err) * slack + scale * 4e-15;
  const gap = difference(a, b);
  if (gap <= scale * relative) return true;
  if (gap > noise) return false;
  return noise > Math.max(scale * (slack === 1 ? 0.02 : 1e-6), 1e-11) ? undefined : true;
}

/** How literals and logarithms are read. A literal is taken as rounded from so many significant digits on. */
export interface Reading {
  readonly gold: number;
  readonly prediction: number;
  readonly logBase: 'e' | '10';
  /** Tells whether a sum somewhere lost a term. */
  readonly notes: { swallowed: boolean };
}

/** Compares values at the trials under one reading of literals and logarithms. */
export function sampled(
  gold: Node,
  prediction: Node,
  names: readonly string[],
  reading: Reading,
  context: Context,
): boolean | undefined {
  const exact = reading.gold === Number.POSITIVE_INFINITY && reading.prediction === Number.POSITIVE_INFINITY;
  const slack = exact ? 4 : 1;
  const complex = some(gold, isImaginary) || some(prediction, isImaginary);
  const needed = names.length === 0 ? 1 : 3;
  const unreal: (readonly [Approx, Approx, boolean])[] = [];
  let [sure, unsure] = [0, 0];
  for (let t = 0; t < (names.length === 0 ? 1 : trials); t++) {
    const notes = { swallowed: false };
    const a = evaluate(gold, { ...settingFor(names, t, context, reading.gold, reading.logBase), notes });
    const b = evaluate(prediction, { ...settingFor(names, t, context, reading.prediction, reading.logBase), notes });
    if (!finite(a) || !finite(b)) continue;
    if (!complex && names.length > 0 && !(isReal(a) && isReal(b))) {
      unreal.push([a, b, notes.swallowed]);
      continue;
    }
    const same = close(a, b, slack, context.conventions.tolerance);
    if (same === false) return false;
    if (same === true && notes.swallowed) unsure++;
    else if (same === true) sure++;
  }
  if (sure >= needed) return true;
  for (const [a, b, swallowed] of unreal) {
    const same = close(a, b, slack, context.conventions.tolerance);
    if (same === false) return false;
    if (same === true && swallowed) unsure++;
    else if (same === true) sure++;
  }
  if (sure < needed && unsure > 0) reading.notes.swallowed = true;
  return sure + unsure >= needed ? true : undefined;
}

const isImaginary = (node: Node): boolean => node.k === 'const' && node.name === 'i';
