import { type Budget, spend } from '../budget.ts';
import type { Decimals, Node } from '../reading/ast.ts';
import { evaluateDots } from '../reading/dots.ts';
import {
  type Approx,
  arcsin,
  arctan,
  cos,
  cosh,
  exp,
  isReal,
  log,
  minus,
  over,
  plus,
  pow,
  real,
  realRoot,
  sin,
  sinh,
  size,
  sqrt,
  times,
} from './complex.ts';
import { toNumber } from './rational.ts';

/** Values of the free symbols, and how literals and ± are read. */
export interface Setting {
  readonly budget: Budget;
  readonly values: ReadonlyMap<string, Approx>;
  /** Decimal literals with at least this many significant digits carry half a unit of their last place as error. */
  readonly roundedFrom: number;
  /** What a logarithm without a base means. */
  readonly logBase: 'e' | '10';
  /** Set when a sum lost a term that is too small beside the others for doubles to hold. */
  readonly notes: { swallowed: boolean };
}

const nan: Approx = { re: Number.NaN, im: 0, err: 0 };
const one = real(1, 0);
const isDots = (node: Node): boolean => node.k === 'dots';

/** From the stated number of significant digits on; with one digit fewer than four, two places after the point are asked for too. */
const standsForMore = (decimals: Decimals, from: number): boolean =>
  decimals.significant >= from && (decimals.significant >= 4 || decimals.places >= 2);

/** The value of an expression at a setting, NaN where it has none. Only the forms of the syntax tree and the table below are known. */
export function evaluate(node: Node, at: Setting): Approx {
  spend(at.budget, 10);
  switch (node.k) {
    case 'num': {
      const value = toNumber(node.value);
      const { decimals } = node;
      if (decimals === undefined || !standsForMore(decimals, at.roundedFrom))
        return real(value, Number.isSafeInteger(value) ? 0 : undefined);
      return real(value, 0.5 * 10 ** -decimals.places * (1 + 1e-9));
    }
    case 'const':
      return node.name === 'pi'
        ? real(Math.PI)
        : node.name === 'e'
          ? real(Math.E)
          : node.name === 'i'
            ? { re: 0, im: 1, err: 0 }
            : real(Number.POSITIVE_INFINITY, 0);
    case 'sym':
      return at.values.get(node.name) ?? nan;
    case 'neg':
      return minus(evaluate(node.a, at));
    case 'add':
      if (node.args.some(isDots)) return evaluateDots('add', node.args, (arg) => evaluate(arg, at));
      return addAll(
        node.args.map((arg) => evaluate(arg, at)),
        at,
      );
    case 'mul':
      if (node.args.some(isDots)) return evaluateDots('mul', node.args, (arg) => evaluate(arg, at));
      return node.args.map((arg) => evaluate(arg, at)).reduce(times);
    case 'div':
      return over(evaluate(node.a, at), evaluate(node.b, at));
    case 'pow':
      return evaluatePower(node.a, node.b, at);
    case 'deg':
      return times(evaluate(node.a, at), real(Math.PI / 180));
    case 'percent':
      return over(evaluate(node.a, at), real(100, 0));
    case 'unit':
    case 'qualified':
      return evaluate(node.a, at);
    case 'based':
      return real(Number.parseInt(node.digits, node.base));
    case 'ratio':
      return node.args.length === 2 ? over(evaluate(node.args[0]!, at), evaluate(node.args[1]!, at)) : nan;
    case 'fn': {
      const args = node.args.map((arg) => evaluate(arg, at));
      return functions[node.name]?.(args, at) ?? nan;
    }
    case 'call':
      return uninterpreted(
        node.name,
        node.args.map((arg) => evaluate(arg, at)),
      );
    case 'series':
      return evaluateSeries(node, at);
    default:
      return nan;
  }
}

/** A sum, noting when a term vanishes beside the others or in their error. */
function addAll(terms: readonly Approx[], at: Setting): Approx {
  const total = terms.reduce(plus);
  let largest = 0;
  for (const term of terms) largest = Math.max(largest, size(term));
  const least = Math.max(largest * 1e-11, total.err * 32);
  for (const term of terms) if (size(term) < least && size(term) > term.err * 32) at.notes.swallowed = true;
  return total;
}

/** A base raised to p/q with q odd takes the real root of a negative base. */
function evaluatePower(a: Node, b: Node, at: Setting): Approx {
  const base = evaluate(a, at);
  const ratio =
    b.k === 'div' && b.a.k === 'num' && b.b.k === 'num' ? [toNumber(b.a.value), toNumber(b.b.value)] : undefined;
  if (ratio !== undefined && base.re < 0 && isReal(base) && Number.isInteger(ratio[0]) && ratio[1]! % 2 === 1) {
    return pow(realRoot({ ...base, im: 0 }, ratio[1]!), real(ratio[0]!, 0));
  }
  return pow(base, evaluate(b, at));
}

function evaluateSeries(node: Extract<Node, { k: 'series' }>, at: Setting): Approx {
  const [from, to] = [evaluate(node.from, at), evaluate(node.to, at)];
  if (
    !Number.isInteger(from.re) ||
    !Number.isInteger(to.re) ||
    to.re - from.re > 400 ||
    to.re < from.re - 1 ||
    from.im !== 0 ||
    to.im !== 0
  )
    return nan;
  let total = real(node.op === 'sum' ? 0 : 1, 0);
  for (let k = from.re; k <= to.re; k++) {
    const term = evaluate(node.body, { ...at, values: new Map([...at.values, [node.index, real(k, 0)]]) });
    total = node.op === 'sum' ? plus(total, term) : times(total, term);
  }
  return total;
}

/** A number in [0, 1) from a name: FNV-1a, so that it is the same everywhere. */
export function hashUnit(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

/** An unknown function stands for a fixed smooth one chosen by its name: equal arguments give equal values, others don't. */
function uninterpreted(name: string, args: readonly Approx[]): Approx {
  let total = real(1 + hashUnit(name), 0);
  args.forEach((arg, index) => {
    const frequency = 0.7 + hashUnit(`${name}/${index}`);
    total = plus(
      total,
      times(
        real(1.3 + index * 0.61, 0),
        sin(plus(times(real(frequency, 0), arg), real(hashUnit(`${index}/${name}`) * 3, 0))),
      ),
    );
  });
  return total;
}

type Table = Readonly<Record<string, (args: readonly Approx[], at: Setting) => Approx>>;
const by1 =
  (f: (z: Approx) => Approx) =>
  (args: readonly Approx[]): Approx =>
    args.length === 1 ? f(args[0]!) : nan;
const inverse = (f: (z: Approx) => Approx) => by1((z) => over(one, f(z)));
const halfPi = real(Math.PI / 2);
const arccos = (z: Approx): Approx => plus(halfPi, minus(arcsin(z)));
const step = (f: (x: number) => number) =>
  by1((z) => {
    if (!isReal(z)) return nan;
    const nearest = Math.round(z.re);
    const snapped = Math.abs(z.re - nearest) <= z.err * 4 + 1e-12 * Math.abs(nearest) ? nearest : z.re;
    return real(f(snapped), 0);
  });

const functions: Table = Object.assign(Object.create(null) as Table, {
  sin: by1(sin),
  cos: by1(cos),
  tan: by1((z) => over(sin(z), cos(z))),
  cot: by1((z) => over(cos(z), sin(z))),
  sec: inverse(cos),
  csc: inverse(sin),
  sinh: by1(sinh),
  cosh: by1(cosh),
  tanh: by1((z) => over(sinh(z), cosh(z))),
  coth: by1((z) => over(cosh(z), sinh(z))),
  sech: inverse(cosh),
  csch: inverse(sinh),
  arcsin: by1(arcsin),
  arccos: by1(arccos),
  arctan: by1(arctan),
  arccot: by1((z) => plus(halfPi, minus(arctan(z)))),
  arcsec: by1((z) => arccos(over(one, z))),
  arccsc: by1((z) => arcsin(over(one, z))),
  arcsinh: by1((z) => log(plus(z, sqrt(plus(times(z, z), one))))),
  arccosh: by1((z) => log(plus(z, sqrt(plus(times(z, z), minus(one)))))),
  arctanh: by1((z) => times(real(0.5, 0), log(over(plus(one, z), plus(one, minus(z)))))),
  ln: by1(log),
  log: (args: readonly Approx[], at: Setting) =>
    args.length !== 1 ? nan : at.logBase === 'e' ? log(args[0]!) : over(log(args[0]!), log(real(10, 0))),
  logb: (args: readonly Approx[]) => (args.length === 2 ? over(log(args[1]!), log(args[0]!)) : nan),
  sqrt: by1(sqrt),
  root: (args: readonly Approx[]) => {
    const [z, m] = args as [Approx, Approx];
    if (args.length !== 2 || m.im !== 0) return nan;
    return z.re < 0 && isReal(z) && m.re % 2 === 1 ? realRoot(z, m.re) : pow(z, over(one, m));
  },
  abs: by1((z) => real(size(z), z.err)),
  Re: by1((z) => real(z.re, z.err)),
  Im: by1((z) => real(z.im, z.err)),
  sgn: by1((z) => (size(z) <= z.err ? real(0, 0) : real(Math.sign(z.re), 0))),
  floor: step(Math.floor),
  ceil: step(Math.ceil),
  factorial: by1((z) => {
    const n = Math.round(z.re);
    if (z.im !== 0 || Math.abs(z.re - n) > z.err * 4 || n < 0 || n > 170) return nan;
    let product = 1;
    for (let k = 2; k <= n; k++) product *= k;
    return real(product, product * 1e-14);
  }),
  binom: (args: readonly Approx[]) => {
    const [n, k] = args as [Approx, Approx];
    if (args.length !== 2 || k.im !== 0 || !Number.isInteger(k.re) || k.re < 0 || k.re > 200) return nan;
    let product = one;
    for (let j = 0; j < k.re; j++) product = over(times(product, plus(n, real(-j, 0))), real(j + 1, 0));
    return product;
  },
  max: (args: readonly Approx[]) => args.reduce((a, b) => (a.re >= b.re ? a : b)),
  min: (args: readonly Approx[]) => args.reduce((a, b) => (a.re <= b.re ? a : b)),
  exp: by1(exp),
});
