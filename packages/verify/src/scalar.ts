import { type Node, some, symbols } from './ast.ts';
import { type Approx, finite, isReal, minus, plus, real, size } from './complex.ts';
import { exactValue } from './exact.ts';
import { type Context, type Match, no, unknown, yes } from './match.ts';
import { evaluate, hashUnit, type Setting } from './numeric.ts';
import { add, equal, negate, toNumber } from './rational.ts';

/** Significant digits from which a decimal in the truth, and in an answer, is taken as rounded. */
const roundedGold = 3;
const roundedPrediction = 4;
/** And from which it may also have been cut instead of rounded. */
const truncatedFrom = 5;

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
  return { budget: context.budget, values, roundedFrom, logBase };
}

const difference = (a: Approx, b: Approx): number => size(plus(a, minus(b)));

/** Are two finite values the same within what their errors allow? Undefined when the errors drown the values. */
export function close(a: Approx, b: Approx, slack: number, relative: number): boolean | undefined {
  const scale = Math.max(size(a), size(b));
  const noise = (a.err + b.err) * slack + scale * (slack === 1 ? 1e-12 : 2e-13);
  const gap = difference(a, b);
  if (gap <= scale * relative) return true;
  if (gap > noise) return false;
  return noise > Math.max(scale * (slack === 1 ? 0.02 : 1e-6), 1e-11) ? undefined : true;
}

interface Reading {
  readonly gold: number;
  readonly prediction: number;
  readonly logBase: 'e' | '10';
}

/** Compares values at the trials under one reading of literals and logarithms. */
function sampled(
  gold: Node,
  prediction: Node,
  names: readonly string[],
  reading: Reading,
  context: Context,
): boolean | undefined {
  const exact = reading.gold === Number.POSITIVE_INFINITY && reading.prediction === Number.POSITIVE_INFINITY;
  const slack = exact ? 4 : 1;
  const complex = some(gold, isImaginary) || some(prediction, isImaginary);
  const pairs: (readonly [Approx, Approx])[] = [];
  let conclusive = 0;
  for (let t = 0; t < (names.length === 0 ? 1 : trials); t++) {
    const a = evaluate(gold, settingFor(names, t, context, reading.gold, reading.logBase));
    const b = evaluate(prediction, settingFor(names, t, context, reading.prediction, reading.logBase));
    if (!finite(a) || !finite(b)) continue;
    if (!complex && names.length > 0 && !(isReal(a) && isReal(b))) {
      pairs.push([a, b]);
      continue;
    }
    const same = close(a, b, slack, context.conventions.tolerance);
    if (same === false) return false;
    if (same === true) conclusive++;
  }
  if (conclusive >= (names.length === 0 ? 1 : 3)) return true;
  for (const [a, b] of pairs) {
    const same = close(a, b, slack, context.conventions.tolerance);
    if (same === false) return false;
    if (same === true) conclusive++;
  }
  return conclusive >= (names.length === 0 ? 1 : 3) ? true : undefined;
}

const isImaginary = (node: Node): boolean => node.k === 'const' && node.name === 'i';
const hasDecimals = (node: Node): boolean => some(node, (n) => n.k === 'num' && n.decimals !== undefined);
const hasLog = (node: Node): boolean => some(node, (n) => n.k === 'fn' && n.name === 'log');

/** The sign of ±∞; undefined for anything else. */
export function infinity(node: Node): 1 | -1 | undefined {
  if (node.k === 'const' && node.name === 'inf') return 1;
  if (node.k === 'neg') {
    const below = infinity(node.a);
    return below === undefined ? undefined : below === 1 ? -1 : 1;
  }
  return undefined;
}

/** A plain decimal literal, perhaps with a sign. */
function literal(node: Node): Extract<Node, { k: 'num' }> | undefined {
  if (node.k === 'neg') return literal(node.a);
  return node.k === 'num' ? node : undefined;
}

/** Do both agree when the number is cut, not rounded, at the literal's last digit? */
function truncated(gold: Node, prediction: Node, context: Context): boolean {
  const lit = literal(gold);
  if (lit?.decimals === undefined || lit.decimals.significant < truncatedFrom || hasDecimals(prediction)) return false;
  const setting = settingFor([], 0, context);
  const [a, b] = [evaluate(gold, setting), evaluate(prediction, setting)];
  const gap = Math.abs(b.re) - Math.abs(a.re);
  return b.im === 0 && finite(b) && Math.sign(a.re) === Math.sign(b.re) && gap >= 0 && gap < 10 ** -lit.decimals.places;
}

/** Two expressions with one value each: exactly where that is possible, else at seeded points with an error bound. */
export function sameScalar(gold: Node, prediction: Node, context: Context): Match {
  const [signA, signB] = [infinity(gold), infinity(prediction)];
  if (signA !== undefined || signB !== undefined) return signA === signB ? yes('infinity') : no('infinity');
  const names = [...symbols(prediction, symbols(gold))];
  const decimals = hasDecimals(gold) || hasDecimals(prediction);
  const { conventions } = context;
  if (names.length === 0) {
    const [a, b] = [exactValue(gold, context.budget), exactValue(prediction, context.budget)];
    if (a !== undefined && b !== undefined) {
      if (equal(a, b)) return yes(a.d === 1n ? 'integer' : 'rational');
      const gap = add(a, negate(b), context.budget);
      const [difference, scale] = [
        gap === undefined ? Number.POSITIVE_INFINITY : Math.abs(toNumber(gap)),
        Math.abs(toNumber(a)),
      ];
      if (conventions.tolerance > 0 && difference <= scale * conventions.tolerance) return yes('tolerance');
      if (conventions.places !== undefined && difference <= 0.5 * 10 ** -conventions.places * (1 + 1e-9))
        return yes('places');
      if (!decimals || conventions.decimals === 'exact') return no(a.d === 1n && b.d === 1n ? 'integer' : 'rational');
      return rounded(gold, prediction, names, context);
    }
  }
  const logs = hasLog(gold) || hasLog(prediction);
  const plain = { gold: Number.POSITIVE_INFINITY, prediction: Number.POSITIVE_INFINITY } as const;
  let verdict = sampled(gold, prediction, names, { ...plain, logBase: 'e' }, context);
  if (verdict !== true && logs)
    verdict = sampled(gold, prediction, names, { ...plain, logBase: '10' }, context) ?? verdict;
  if (verdict === true) return yes('numeric');
  if (
    conventions.places !== undefined &&
    names.length === 0 &&
    withinPlaces(gold, prediction, conventions.places, context)
  )
    return yes('places');
  if (decimals && conventions.decimals === 'rounded') return rounded(gold, prediction, names, context);
  return verdict === false ? no('numeric') : unknown('numeric');
}

function withinPlaces(gold: Node, prediction: Node, places: number, context: Context): boolean {
  const setting = settingFor([], 0, context);
  return difference(evaluate(gold, setting), evaluate(prediction, setting)) <= 0.5 * 10 ** -places * (1 + 1e-9);
}

/** Literals as rounded numbers: first those of the truth, then those of the answer; never both at once. */
function rounded(gold: Node, prediction: Node, names: readonly string[], context: Context): Match {
  for (const logBase of hasLog(gold) || hasLog(prediction) ? (['e', '10'] as const) : (['e'] as const)) {
    for (const reading of [
      { gold: roundedGold, prediction: Number.POSITIVE_INFINITY, logBase },
      { gold: Number.POSITIVE_INFINITY, prediction: roundedPrediction, logBase },
    ]) {
      if (!hasDecimals(reading.gold === roundedGold ? gold : prediction)) continue;
      if (sampled(gold, prediction, names, reading, context) === true) return yes('rounded');
    }
  }
  if (names.length === 0 && (truncated(gold, prediction, context) || truncated(prediction, gold, context)))
    return yes('truncated');
  return no('decimal');
}
