import type { Node } from '../ast.ts';
import { based, fraction, mixed, number, repeating, sum } from '../build.ts';
import { functionNames } from '../words.ts';
import { accept, braces, type Cursor, expect, fail, isAt, peek } from './cursor.ts';

export function prime(c: Cursor, node: Node): Node {
  c.at++;
  if (node.k === 'sym') {
    const named: Node = { k: 'sym', name: `${node.name}'` };
    return isAt(c, '(') ? parseCall(c, named.name) : named;
  }
  if (node.k === 'call') return { ...node, name: `${node.name}'` };
  return { k: 'call', name: "'", args: [node] };
}

/** x°, perhaps with minutes and seconds: 60° 42′. */
export function degrees(c: Cursor, node: Node): Node {
  let value = node;
  for (const [mark, parts] of [
    ["'", 60],
    ["''", 3600],
  ] as const) {
    const marks = mark.length;
    if (peek(c)?.t !== 'num' || !isAt(c, "'", 1) || isAt(c, "'", 2) !== (marks === 2)) continue;
    const minutes = number(peek(c)!.v, c.budget) ?? fail();
    c.at += 1 + marks;
    value = sum([value, { k: 'div', a: minutes, b: number(String(parts), c.budget)! }]);
  }
  return { k: 'deg', a: value };
}

/** x_1 and x_{max} are names, a_{n+1} is an indexed call, 204_5 is a number in base five. */
export function parseSubscript(c: Cursor, base: Node): Node {
  c.at++;
  const start = c.at;
  const braced = accept(c, '{');
  let end = c.at;
  for (let depth = 1; braced && end < c.tokens.length; end++) {
    if (c.tokens[end]!.v === '{') depth++;
    else if (c.tokens[end]!.v === '}' && --depth === 0) break;
  }
  if (!braced) end = c.at + 1;
  const inner = c.tokens.slice(c.at, end);
  if (inner.length === 0 && !braced) fail();
  const name = inner.map((token) => token.v).join('');
  c.at = braced ? end + 1 : end;
  if (base.k === 'num') return based(base, name) ?? fail();
  if (base.k === 'sym' && base.name === 'C' && /^\d{1,4}$/.test(name) && isAt(c, '^')) {
    c.at++;
    return { k: 'fn', name: 'binom', args: [number(name, c.budget)!, c.rules.exponent(c)] };
  }
  const owner =
    base.k === 'sym'
      ? base.name
      : base.k === 'const'
        ? base.name
        : base.k === 'call' && base.args.length === 0
          ? base.name
          : undefined;
  if (owner === undefined)
    return base.k === 'call' || base.k === 'tuple' || base.k === 'matrix' ? fail() : indexedGroup(base);
  if (
    inner.every(
      (token) =>
        token.t === 'num' || token.t === 'text' || functionNames.has(token.v) || (token.t === 'op' && token.v === ','),
    )
  ) {
    const named = `${owner}_${name}`;
    return isAt(c, '(') && !peek(c)!.gap && /^[fgh]/.test(owner) ? parseCall(c, named) : { k: 'sym', name: named };
  }
  const after = c.at;
  c.at = start;
  const index = braced ? braces(c) : c.rules.primary(c);
  if (c.at !== after) fail();
  return { k: 'call', name: `${owner}_`, args: index.k === 'list' ? index.args : [index] };
}

const indexedGroup = (base: Node): Node => ({ k: 'call', name: '_', args: [base] });

/** f(x, y) with f uninterpreted. */
export function parseCall(c: Cursor, name: string): Node {
  expect(c, '(');
  const inner = c.rules.list(c, [')']);
  expect(c, ')');
  return { k: 'call', name, args: inner.k === 'list' ? inner.args : [inner] };
}

/** A currency sign before a number. */
export function parseMoney(c: Cursor): Node {
  c.at++;
  return { k: 'unit', a: c.rules.factor(c), unit: 'dollar' };
}

export function parseNumber(c: Cursor): Node {
  const token = peek(c)!;
  c.at++;
  if (token.v.includes('.') && isAt(c, 'overline')) {
    const digits = isAt(c, '{', 1) && peek(c, 2)?.t === 'num' && isAt(c, '}', 3) ? peek(c, 2)!.v : fail();
    c.at += 4;
    return repeating(token.v, digits, c.budget) ?? fail();
  }
  const whole = number(token.v, c.budget) ?? fail();
  const next = peek(c);
  if (next?.t === 'num' && next.gap && isAt(c, '/', 1) && peek(c, 2)?.t === 'num') {
    const part = fraction(next.v, peek(c, 2)!.v, c.budget);
    const both = part && mixed(whole, part, c.budget);
    if (both === undefined) fail();
    c.at += 3;
    return both!;
  }
  if (plainFraction(c)) {
    const start = c.at;
    const both = mixed(whole, c.rules.primary(c), c.budget);
    if (both !== undefined) return both;
    c.at = start;
  }
  return whole;
}

export function parseName(c: Cursor): Node {
  const token = peek(c)!;
  c.at++;
  if (token.v === 'e') return { k: 'const', name: 'e' };
  if ((token.v === 'i' && !c.indexI) || token.v === 'I') return { k: 'const', name: 'i' };
  if (/^[fghFG]$/.test(token.v) && isAt(c, '(')) return parseCall(c, token.v);
  if (/^[fgh]$/.test(token.v) && isAt(c, '^') && isAt(c, '(', 2) === false && isAt(c, '{', 1))
    return { k: 'sym', name: token.v };
  return { k: 'sym', name: token.v };
}

/** Is a fraction of two plain numbers next, as in 2\\frac{3}{4}? */
function plainFraction(c: Cursor): boolean {
  if (!isAt(c, 'frac')) return false;
  const braced = isAt(c, '{', 1);
  return peek(c, braced ? 2 : 1)?.t === 'num' && (!braced || isAt(c, '}', 3));
}
