import { type Context, type Match, no, unknown, yes } from '../comparing/match.ts';
import { type Node, some, symbols } from '../reading/ast.ts';
import { finite } from './complex.ts';
import { exactValue } from './exact.ts';
import { evaluate } from './numeric.ts';
import { add, equal, negate, toNumber } from './rational.ts';
import { difference as distance, sampled, settingFor } from './sampling.ts';
import { sameExactly } from './symbolic.ts';

/** Significant digits from which a decimal in the truth, and in an answer, is taken as rounded. */
const roundedGold = 3;
const roundedPrediction = 4;
/** And from which it may also have been cut instead of rounded. */
const truncatedFrom = 5;

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
  const notes = { swallowed: false };
  const plain = { gold: Number.POSITIVE_INFINITY, prediction: Number.POSITIVE_INFINITY, notes } as const;
  let verdict = sampled(gold, prediction, names, { ...plain, logBase: 'e' }, context);
  if (verdict !== true && logs)
    verdict = sampled(gold, prediction, names, { ...plain, logBase: '10' }, context) ?? verdict;
  if (verdict === true) {
    const proved = confirmed(gold, prediction, names, notes.swallowed, context);
    if (proved.equal !== false) return proved;
    verdict = false;
  }
  if (
    conventions.places !== undefined &&
    names.length === 0 &&
    withinPlaces(gold, prediction, conventions.places, context)
  )
    return yes('places');
  if (decimals && conventions.decimals === 'rounded') return rounded(gold, prediction, names, context);
  return verdict === false ? no('numeric') : unknown('numeric');
}

/** Agreement at the sampled points, looked at in exact arithmetic where that is possible. */
function confirmed(
  gold: Node,
  prediction: Node,
  names: readonly string[],
  swallowed: boolean,
  context: Context,
): Match {
  const exact = names.length === 0 ? undefined : sameExactly(gold, prediction, names, false, context);
  if (exact !== undefined) return exact ? yes('symbolic') : no('symbolic');
  if (sameExactly(gold, prediction, names, true, context) === true) return yes('symbolic');
  return swallowed ? unknown('beyond the precision of doubles') : yes('numeric');
}

function withinPlaces(gold: Node, prediction: Node, places: number, context: Context): boolean {
  const setting = settingFor([], 0, context);
  return distance(evaluate(gold, setting), evaluate(prediction, setting)) <= 0.5 * 10 ** -places * (1 + 1e-9);
}

/** Literals as rounded numbers: first those of the truth, then those of the answer; never both at once. */
function rounded(gold: Node, prediction: Node, names: readonly string[], context: Context): Match {
  for (const logBase of hasLog(gold) || hasLog(prediction) ? (['e', '10'] as const) : (['e'] as const)) {
    for (const reading of [
      { gold: roundedGold, prediction: Number.POSITIVE_INFINITY, logBase, notes: { swallowed: false } },
      { gold: Number.POSITIVE_INFINITY, prediction: roundedPrediction, logBase, notes: { swallowed: false } },
    ]) {
      if (!hasDecimals(reading.gold === roundedGold ? gold : prediction)) continue;
      if (sampled(gold, prediction, names, reading, context) === true) return yes('rounded');
    }
  }
  if (names.length === 0 && (truncated(gold, prediction, context) || truncated(prediction, gold, context)))
    return yes('truncated');
  return no('decimal');
}
