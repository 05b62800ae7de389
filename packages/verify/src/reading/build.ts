import type { Budget } from '../budget.ts';
import { add, divide, integer, isInteger, parseDecimal, rational } from '../numbers/rational.ts';
import type { Node } from './ast.ts';

type Num = Extract<Node, { k: 'num' }>;

/** A number node from a literal, with what the literal says about its precision. */
export function number(literal: string, budget: Budget): Num | undefined {
  const value = parseDecimal(literal, budget);
  if (value === undefined) return undefined;
  const [mantissa, exponent] = literal.toLowerCase().split('e');
  const point = mantissa!.indexOf('.');
  if (point < 0 && exponent === undefined) return { k: 'num', value };
  const places = (point < 0 ? 0 : mantissa!.length - point - 1) - Number(exponent ?? 0);
  const significant = mantissa!.replace('.', '').replace(/^0+/, '').length;
  return point < 0 ? { k: 'num', value } : { k: 'num', value, decimals: { places, significant } };
}

export function fraction(numerator: string, denominator: string, budget: Budget): Node | undefined {
  const [a, b] = [number(numerator, budget), number(denominator, budget)];
  return a && b && { k: 'div', a, b };
}

/** 2 3/4 as one number: both parts are plain, and the fraction is proper; undefined otherwise. */
export function mixed(whole: Node, part: Node, budget: Budget): Num | undefined {
  if (whole.k !== 'num' || whole.decimals !== undefined || part.k !== 'div' || part.a.k !== 'num' || part.b.k !== 'num')
    return undefined;
  const [n, d] = [part.a.value, part.b.value];
  if (!isInteger(n) || !isInteger(d) || n.n <= 0n || n.n >= d.n) return undefined;
  const value = divide(n, d, budget);
  const total = value && add(whole.value, value, budget);
  return total && { k: 'num', value: total };
}

/** 0.1\overline{36}: the digits under the bar repeat for ever. */
export function repeating(literal: string, digits: string, budget: Budget): Num | undefined {
  const places = literal.length - literal.indexOf('.') - 1;
  if (!/^\d{1,30}$/.test(digits) || places > 60) return undefined;
  const start = parseDecimal(literal, budget);
  const tail = rational(BigInt(digits), (10n ** BigInt(digits.length) - 1n) * 10n ** BigInt(places), budget);
  const value = start && tail && add(start, tail, budget);
  return value && { k: 'num', value };
}

/** Digits read in another base; undefined when the digits don't fit it. */
export function based(base: Node, name: string): Node | undefined {
  const radix = /^\d{1,2}$/.test(name)
    ? Number(name)
    : ({ two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8, nine: 9, ten: 10 } as Record<string, number>)[
        name
      ];
  if (base.k !== 'num' || !isInteger(base.value) || radix === undefined || radix < 2 || radix > 36) return undefined;
  const digits = base.value.n.toString();
  return [...digits].every((digit) => Number(digit) < radix) ? { k: 'based', digits, base: radix } : undefined;
}

/** A sum with nested sums opened. */
export const sum = (terms: readonly Node[]): Node =>
  terms.length === 1 ? terms[0]! : { k: 'add', args: terms.flatMap((term) => (term.k === 'add' ? term.args : [term])) };

export const num = (n: number): Node => ({ k: 'num', value: integer(n) });

/** A conversion factor as a quotient of whole numbers: precise enough to compare, without claiming to be a rounded literal. */
export function conversion(by: number): Node {
  const whole = Math.round(by * 1e9);
  const [n, d] = Math.abs(whole - by * 1e9) < 1e-12 * whole ? [whole, 1e9] : [1e9, Math.round(1e9 / by)];
  return { k: 'div', a: num(n), b: num(d) };
}

/** The determinant of up to four rows by expansion along the first; undefined when it isn't square. */
export function determinant(rows: readonly (readonly Node[])[]): Node | undefined {
  if (rows.length > 4 || rows.some((row) => row.length !== rows.length)) return undefined;
  if (rows.length === 1) return rows[0]![0];
  const terms = rows[0]!.map((entry, j): Node => {
    const minor = determinant(rows.slice(1).map((row) => row.filter((_, k) => k !== j)))!;
    const term: Node = { k: 'mul', args: [entry, minor] };
    return j % 2 === 0 ? term : { k: 'neg', a: term };
  });
  return sum(terms);
}
