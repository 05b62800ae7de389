import { table } from '../../table.ts';
import type { Node } from '../ast.ts';
import { determinant } from '../build.ts';
import { accept, type Cursor, endOfEnvironment, expect, fail, isAt, peek } from './cursor.ts';

const closers: Readonly<Record<string, readonly string[]>> = table({
  '(': [')', ']'],
  '[': [']', ')'],
  '{': ['}'],
  '\\{': ['\\}'],
  langle: ['rangle', '>'],
});

/** Parentheses, brackets, braces, bars: a group when it holds one item, else a tuple or a set. */
export function parseGroup(c: Cursor): Node {
  const bare = isAt(c, '{') && peek(c, 1)?.t === 'id' && (isAt(c, '|', 2) || isAt(c, 'mid', 2));
  const open = bare ? '\\{' : peek(c)!.v;
  c.at++;
  if (open === '|') return parseBars(c);
  const ends = closers[open] ?? fail();
  const bars = c.bars;
  const inSet = c.inSet;
  c.bars = 0;
  c.inSet = open === '\\{';
  if (isAt(c, ends[0]!) && open !== '(' && open !== '[') {
    c.at++;
    [c.bars, c.inSet] = [bars, inSet];
    return { k: 'set', args: [] };
  }
  const inner = c.rules.list(c, open === '\\{' ? ['\\}', '|', 'mid', ':'] : ends);
  const node = open === '\\{' ? finishSet(c, inner) : finishGroup(c, open, ends, inner);
  [c.bars, c.inSet] = [bars, inSet];
  return node;
}

function finishGroup(c: Cursor, open: string, ends: readonly string[], inner: Node): Node {
  const close = peek(c)?.v ?? '';
  if (!ends.includes(close)) fail();
  c.at++;
  if (open === '{') return inner.k === 'list' ? { k: 'set', args: inner.args } : inner;
  if (inner.k === 'list')
    return {
      k: 'tuple',
      open: open === 'langle' ? '(' : open,
      close: close === 'rangle' || close === '>' ? ')' : close,
      args: inner.args,
    };
  if (open === '[' && (inner.k === 'tuple' || inner.k === 'rel'))
    return { k: 'tuple', open: '[', close: ']', args: [inner] };
  return open !== '[' && close === ']' ? fail() : inner;
}

/** Set braces lose their backslash in plain text. */
const closeSet = (c: Cursor): boolean => accept(c, '\\}') || accept(c, '}');

function finishSet(c: Cursor, head: Node): Node {
  if (closeSet(c)) return { k: 'set', args: head.k === 'list' ? head.args : [head] };
  if (!(accept(c, '|') || accept(c, 'mid') || accept(c, ':'))) fail();
  c.inSet = false;
  const conditions = c.rules.list(c, ['\\}', '}']);
  if (!closeSet(c)) fail();
  return { k: 'builder', head, conditions };
}

function parseBars(c: Cursor): Node {
  c.bars++;
  const inner = c.rules.expression(c);
  expect(c, '|');
  c.bars--;
  return { k: 'fn', name: 'abs', args: [inner] };
}

/** Lines that all hold: a system's solution. Lines with columns are a piecewise definition, which is left to its text. */
function parseCases(c: Cursor): Node {
  c.at++;
  const inner = c.rules.list(c, [endOfEnvironment]);
  if (peek(c)?.t !== 'end') fail();
  c.at++;
  return inner.k === 'list' ? { ...inner, by: 'and' } : inner;
}

export function parseMatrix(c: Cursor): Node {
  const environment = peek(c)!.v;
  if (environment === 'cases' || environment === 'aligned') return parseCases(c);
  if (!/^(?:[pbvBV]?matrix|smallmatrix|array)$/.test(environment)) fail();
  c.at++;
  const rows: Node[][] = [[]];
  for (;;) {
    const token = peek(c) ?? fail();
    if (token.t === 'end') break;
    if (accept(c, '\\\\')) rows.push([]);
    else if (accept(c, '&') || accept(c, 'hline')) continue;
    else rows.at(-1)!.push(c.rules.expression(c));
  }
  c.at++;
  if (rows.at(-1)!.length === 0) rows.pop();
  if (rows.length === 0 || rows.some((row) => row.length !== rows[0]!.length)) fail();
  const matrix: Node = { k: 'matrix', rows };
  return environment === 'vmatrix' ? (determinant(rows) ?? fail()) : matrix;
}

/** \\langle a, b \\rangle, the command already read. */
export const parseAngles = (c: Cursor): Node =>
  finishGroup(c, 'langle', closers.langle!, c.rules.list(c, closers.langle!));
