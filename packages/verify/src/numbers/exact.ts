import { type Budget, spend } from '../budget.ts';
import type { Node } from '../reading/ast.ts';
import { add, divide, integer, isInteger, multiply, negate, power, type Rational, rational, root } from './rational.ts';

/** Longest series that is added up term by term. */
const longestSeries = 2000;

type Bound = ReadonlyMap<string, Rational>;
const nothing: Bound = new Map();

/** Stand-ins for parts without a rational value. */
export type Atoms = (node: Node) => Rational | undefined;

/** The value of an expression when it is a rational number that exact arithmetic can reach; undefined otherwise. */
export function exactValue(node: Node, budget: Budget, bound: Bound = nothing, atoms?: Atoms): Rational | undefined {
  const value = exactly(node, budget, bound, atoms);
  if (value !== undefined || atoms === undefined) return value;
  return node.k === 'const' || node.k === 'fn' || node.k === 'pow' || node.k === 'call' ? atoms(node) : undefined;
}

function exactly(node: Node, budget: Budget, bound: Bound, atoms: Atoms | undefined): Rational | undefined {
  spend(budget, 8);
  const of = (child: Node): Rational | undefined => exactValue(child, budget, bound, atoms);
  switch (node.k) {
    case 'num':
      return node.value;
    case 'sym':
      return bound.get(node.name);
    case 'neg': {
      const a = of(node.a);
      return a && negate(a);
    }
    case 'add':
    case 'mul': {
      let total = integer(node.k === 'add' ? 0 : 1);
      for (const arg of node.args) {
        const value = of(arg);
        const next = value && (node.k === 'add' ? add : multiply)(total, value, budget);
        if (next === undefined) return undefined;
        total = next;
      }
      return total;
    }
    case 'div': {
      const [a, b] = [of(node.a), of(node.b)];
      return a && b && divide(a, b, budget);
    }
    case 'pow':
      return exactPower(of(node.a), of(node.b), budget);
    case 'unit':
      return of(node.a);
    case 'percent': {
      const a = of(node.a);
      return a && divide(a, integer(100), budget);
    }
    case 'based': {
      let value = 0n;
      for (const digit of node.digits) value = value * BigInt(node.base) + BigInt(digit);
      return rational(value, 1n, budget);
    }
    case 'fn':
      return exactFunction(node.name, node.args.map(of), budget);
    case 'series':
      return exactSeries(node, budget, bound);
    default:
      return undefined;
  }
}

function exactPower(base: Rational | undefined, exponent: Rational | undefined, budget: Budget): Rational | undefined {
  if (base === undefined || exponent === undefined) return undefined;
  if (exponent.d > 64n || exponent.n > 9007199254740991n || exponent.n < -9007199254740991n) return undefined;
  if (base.n === 0n && exponent.n === 0n) return integer(1);
  const taken = isInteger(exponent) ? base : root(base, Number(exponent.d), budget);
  return taken && power(taken, Number(exponent.n), budget);
}

const floor = (x: Rational): bigint => x.n / x.d - (x.n < 0n && x.n % x.d !== 0n ? 1n : 0n);

function exactFunction(name: string, args: readonly (Rational | undefined)[], budget: Budget): Rational | undefined {
  const [a, b] = args;
  if (a === undefined) return undefined;
  switch (name) {
    case 'sqrt':
      return root(a, 2, budget);
    case 'root':
      return b !== undefined && isInteger(b) && b.n <= 64n ? root(a, Number(b.n), budget) : undefined;
    case 'abs':
      return a.n < 0n ? negate(a) : a;
    case 'floor':
      return { n: floor(a), d: 1n };
    case 'ceil':
      return { n: -floor(negate(a)), d: 1n };
    case 'sgn':
      return integer(a.n > 0n ? 1 : a.n < 0n ? -1 : 0);
    case 'factorial':
      return isInteger(a) ? factorial(a.n, budget) : undefined;
    case 'binom':
      return b !== undefined && isInteger(a) && isInteger(b) ? binomial(a.n, b.n, budget) : undefined;
    case 'max':
    case 'min': {
      const known = args.filter((arg) => arg !== undefined);
      if (known.length !== args.length) return undefined;
      return known.reduce((x, y) => (x.n * y.d < y.n * x.d === (name === 'max') ? y : x));
    }
    case 'gcd':
    case 'lcm':
      return b !== undefined && args.length === 2 && isInteger(a) && isInteger(b)
        ? commonDivisor(name, a.n, b.n, budget)
        : undefined;
    default:
      return undefined;
  }
}

function commonDivisor(name: string, a: bigint, b: bigint, budget: Budget): Rational | undefined {
  if (a <= 0n || b <= 0n) return undefined;
  const ratio = rational(a, b, budget);
  if (ratio === undefined) return undefined;
  return { n: name === 'gcd' ? a / ratio.n : a * ratio.d, d: 1n };
}

function factorial(n: bigint, budget: Budget): Rational | undefined {
  if (n < 0n || n > 2200n) return undefined;
  spend(budget, Number(n) * 12);
  return { n: productOfRange(1n, n), d: 1n };
}

/** a·(a+1)⋯b by halves, so that the factors stay of equal size. */
function productOfRange(a: bigint, b: bigint): bigint {
  if (a > b) return 1n;
  if (b - a < 8n) {
    let product = a;
    for (let i = a + 1n; i <= b; i++) product *= i;
    return product;
  }
  const middle = (a + b) / 2n;
  return productOfRange(a, middle) * productOfRange(middle + 1n, b);
}

function binomial(n: bigint, k: bigint, budget: Budget): Rational | undefined {
  if (k < 0n || n < 0n || n > 100000n) return undefined;
  if (k > n) return integer(0);
  const least = k > n - k ? n - k : k;
  if (least > 1000n) return undefined;
  spend(budget, 10 + Number(least) * 20);
  return rational(productOfRange(n - least + 1n, n), productOfRange(1n, least), budget);
}

function exactSeries(node: Extract<Node, { k: 'series' }>, budget: Budget, bound: Bound): Rational | undefined {
  const [from, to] = [exactValue(node.from, budget, bound), exactValue(node.to, budget, bound)];
  if (
    from === undefined ||
    to === undefined ||
    !isInteger(from) ||
    !isInteger(to) ||
    to.n < from.n - 1n ||
    to.n - from.n > longestSeries
  )
    return undefined;
  let total = integer(node.op === 'sum' ? 0 : 1);
  for (let i = from.n; i <= to.n; i++) {
    const term = exactValue(node.body, budget, new Map([...bound, [node.index, { n: i, d: 1n }]]));
    const next = term && (node.op === 'sum' ? add : multiply)(total, term, budget);
    if (next === undefined) return undefined;
    total = next;
  }
  return total;
}
