import type { Node } from './ast.ts';
import { num } from './build.ts';
import { accept, type Cursor, expect, fail, isAt, peek } from './cursor.ts';
import { table } from './table.ts';
import { functionAliases, functionNames } from './words.ts';

interface Rules {
  readonly exponent: (c: Cursor) => Node;
  readonly factor: (c: Cursor) => Node;
  readonly primary: (c: Cursor) => Node;
  readonly starts: (c: Cursor) => boolean;
}

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
export function parseFunction(c: Cursor, rules: Rules): Node {
  const written = peek(c)!.v;
  const name = functionAliases[written] ?? written;
  c.at++;
  if (name === 'sqrt') return parseRoot(c, rules);
  if (name === 'binom' && isAt(c, '{')) return { k: 'fn', name, args: [group(c), group(c)] };
  const base = accept(c, '_') ? rules.primary(c) : undefined;
  const exponent = accept(c, '^') ? rules.exponent(c) : undefined;
  const late = base === undefined && accept(c, '_') ? rules.primary(c) : base;
  const args = parseArguments(c, rules);
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

function group(c: Cursor): Node {
  expect(c, '{');
  const inner = c.list(c, ['}']);
  expect(c, '}');
  return inner;
}

function parseRoot(c: Cursor, rules: Rules): Node {
  if (accept(c, '[')) {
    const index = c.list(c, [']']);
    expect(c, ']');
    return { k: 'fn', name: 'root', args: [rules.primary(c), index] };
  }
  return { k: 'fn', name: 'sqrt', args: [rules.primary(c)] };
}

/** Parenthesised arguments, or the product that follows up to the next sign or function. */
function parseArguments(c: Cursor, rules: Rules): readonly Node[] {
  if (isAt(c, '(') || isAt(c, '{')) {
    const close = isAt(c, '(') ? ')' : '}';
    c.at++;
    const bars = c.bars;
    c.bars = 0;
    const inner = c.list(c, [close]);
    c.bars = bars;
    expect(c, close);
    return inner.k === 'list' ? inner.args : [inner];
  }
  const negative = accept(c, '-');
  const factor = rules.factor(c);
  const first: Node = negative ? { k: 'neg', a: factor } : factor;
  const factors: Node[] = [first];
  while (
    rules.starts(c) &&
    !functionNames.has(peek(c)!.v) &&
    !isAt(c, '|') &&
    (peek(c)!.v !== '(' || factors.every((f) => f.k === 'num'))
  ) {
    if (peek(c)!.t === 'num') break;
    factors.push(rules.factor(c));
  }
  if (accept(c, '/')) {
    const denominator = rules.factor(c);
    const numerator: Node = factors.length === 1 ? first : { k: 'mul', args: factors };
    if (denominator.k === 'num' && factors.some((f) => f.k === 'const' && f.name === 'pi'))
      return [{ k: 'div', a: numerator, b: denominator }];
    c.at -= 2;
    if (!isAt(c, '/')) fail();
  }
  return [factors.length === 1 ? first : { k: 'mul', args: factors }];
}

/** \sum_{k=a}^{b} body and \prod. */
export function parseSeries(
  c: Cursor,
  op: 'sum' | 'prod',
  rules: { readonly exponent: (c: Cursor) => Node; readonly term: (c: Cursor) => Node },
): Node {
  expect(c, '_');
  expect(c, '{');
  const token = peek(c) ?? fail();
  if (token.t !== 'id') fail();
  c.at++;
  expect(c, '=');
  const from = c.list(c, ['}']);
  expect(c, '}');
  expect(c, '^');
  const to = rules.exponent(c);
  const indexI = c.indexI;
  if (token.v === 'i') c.indexI = true;
  const body = rules.term(c);
  c.indexI = indexI;
  return { k: 'series', op, index: token.v, from, to, body };
}
