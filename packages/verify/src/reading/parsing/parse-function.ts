import { table } from '../../table.ts';
import type { Node } from '../ast.ts';
import { num } from '../build.ts';
import { functionAliases, functionNames } from '../words.ts';
import { accept, braces, type Cursor, expect, fail, isAt, peek } from './cursor.ts';

const inverses: Readonly<Record<string, string>> = table({
  sin: 'arcsin',
  cos: 'arccos',
  tan: 'arctan',
  cot: 'arccot',
  sec: 'arcsec',
  csc: 'arccsc',
  sinh: 'arcsinh',
  cosh: 'arccosh',
  tanh: 'arctanh',
});
const several = new Set(['gcd', 'lcm', 'max', 'min', 'binom']);

/** A named function with its base, exponent and argument: \log_2 x, \sin^2 2x, sqrt(3), \sqrt[3]{x}. */
export function parseFunction(c: Cursor): Node {
  const written = peek(c)!.v;
  const name = functionAliases[written] ?? written;
  c.at++;
  if (name === 'sqrt') return parseRoot(c);
  if (name === 'binom' && isAt(c, '{')) return { k: 'fn', name, args: [braces(c), braces(c)] };
  const base = accept(c, '_') ? c.rules.primary(c) : undefined;
  const exponent = accept(c, '^') ? c.rules.exponent(c) : undefined;
  const late = base === undefined && accept(c, '_') ? c.rules.primary(c) : base;
  const args = parseArguments(c);
  if (args.length > 1 && !several.has(name)) fail();
  const inverse = exponent !== undefined && isMinusOne(exponent) ? inverses[name] : undefined;
  const applied = apply(inverse ?? name, late, args);
  return exponent === undefined || inverse !== undefined ? applied : { k: 'pow', a: applied, b: exponent };
}

const isMinusOne = (node: Node): boolean =>
  node.k === 'neg' && node.a.k === 'num' && node.a.value.n === 1n && node.a.value.d === 1n;

function apply(name: string, base: Node | undefined, args: readonly Node[]): Node {
  if (name === 'exp') return { k: 'pow', a: { k: 'const', name: 'e' }, b: args[0]! };
  if (name === 'lg') return { k: 'fn', name: 'logb', args: [num(10), args[0]!] };
  if (name === 'log' && base !== undefined) return { k: 'fn', name: 'logb', args: [base, args[0]!] };
  if (base !== undefined) return fail();
  return { k: 'fn', name, args };
}

function parseRoot(c: Cursor): Node {
  if (accept(c, '[')) {
    const index = c.rules.list(c, [']']);
    expect(c, ']');
    return { k: 'fn', name: 'root', args: [c.rules.primary(c), index] };
  }
  return { k: 'fn', name: 'sqrt', args: [c.rules.primary(c)] };
}

/** Parenthesised arguments, or the product that follows up to the next sign or function. */
function parseArguments(c: Cursor): readonly Node[] {
  if (isAt(c, '(') || isAt(c, '{')) {
    const close = isAt(c, '(') ? ')' : '}';
    c.at++;
    const bars = c.bars;
    c.bars = 0;
    const inner = c.rules.list(c, [close]);
    c.bars = bars;
    expect(c, close);
    return inner.k === 'list' ? inner.args : [inner];
  }
  const negative = accept(c, '-');
  const factor = c.rules.factor(c);
  const first: Node = negative ? { k: 'neg', a: factor } : factor;
  const factors: Node[] = [first];
  while (
    c.rules.starts(c) &&
    !functionNames.has(peek(c)!.v) &&
    !isAt(c, '|') &&
    (peek(c)!.v !== '(' || factors.every((f) => f.k === 'num'))
  ) {
    if (peek(c)!.t === 'num') break;
    factors.push(c.rules.factor(c));
  }
  const slash = c.at;
  if (accept(c, '/')) {
    const denominator = c.rules.factor(c);
    const a: Node = factors.length === 1 ? first : { k: 'mul', args: factors };
    const angle = denominator.k === 'num' && factors.some((f) => f.k === 'const' && f.name === 'pi');
    if (angle) return [{ k: 'div', a, b: denominator }];
    c.at = slash;
  }
  return [factors.length === 1 ? first : { k: 'mul', args: factors }];
}

/** \sum_{k=a}^{b} body and \prod. */
export function parseSeries(c: Cursor, op: 'sum' | 'prod'): Node {
  expect(c, '_');
  expect(c, '{');
  const token = peek(c) ?? fail();
  if (token.t !== 'id') fail();
  c.at++;
  expect(c, '=');
  const from = c.rules.list(c, ['}']);
  expect(c, '}');
  expect(c, '^');
  const to = c.rules.exponent(c);
  const indexI = c.indexI;
  if (token.v === 'i') c.indexI = true;
  const body = c.rules.term(c);
  c.indexI = indexI;
  return { k: 'series', op, index: token.v, from, to, body };
}
