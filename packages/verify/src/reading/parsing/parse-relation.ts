import { spend } from '../../budget.ts';
import { table } from '../../table.ts';
import type { Node, Relation } from '../ast.ts';
import { accept, type Cursor, fail, isAt, peek } from './cursor.ts';
import { parseCall } from './parse-name.ts';

const relations: Readonly<Record<string, Relation>> = table({
  '=': '=',
  equiv: '=',
  approx: '~',
  sim: '~',
  '<': '<',
  '>': '>',
  '<=': '<=',
  le: '<=',
  '>=': '>=',
  ge: '>=',
  '!=': '!=',
  ne: '!=',
  in: 'in',
  to: '->',
  Rightarrow: '->',
  implies: '->',
  '->': '->',
  '~': '~',
});

/** A relation chain: a = b = c, 1 ≤ x < 3, x ∈ S. One expression when there is no relation sign. */
export function parseRelation(c: Cursor): Node {
  if (!accept(c, 'approx')) accept(c, '=');
  const args: Node[] = [definedCall(c) ?? parseSetExpression(c)];
  const ops: Relation[] = [];
  for (;;) {
    const token = peek(c);
    const op = token !== undefined && (token.t === 'op' || token.t === 'cmd') ? relations[token.v] : undefined;
    if (op === undefined) break;
    c.at++;
    if (op === '<' && accept(c, '=')) ops.push('<=');
    else if (op === '>' && accept(c, '=')) ops.push('>=');
    else ops.push(op);
    args.push(parseSetExpression(c));
  }
  return ops.length === 0 ? args[0]! : { k: 'rel', ops, args };
}

/** `x(t) = …` and `T(10) = …`: a letter applied to something and defined is a function, not a product. */
function definedCall(c: Cursor): Node | undefined {
  if (peek(c)?.t !== 'id' || !isAt(c, '(', 1)) return undefined;
  let depth = 0;
  let end = c.at + 1;
  for (; end < c.tokens.length; end++) {
    const v = c.tokens[end]!.v;
    if (v === '(') depth++;
    else if (v === ')' && --depth === 0) break;
  }
  spend(c.budget, end - c.at);
  if (c.tokens[end + 1]?.v !== '=') return undefined;
  const name = peek(c)!.v;
  c.at++;
  return parseCall(c, name);
}

const isSet = (node: Node): boolean =>
  node.k === 'set' || node.k === 'builder' || node.k === 'named-set' || node.k === 'setop';

function parseSetExpression(c: Cursor): Node {
  let left = difference(parseRatio(c));
  for (;;) {
    const op = accept(c, 'cup')
      ? 'union'
      : accept(c, 'cap')
        ? 'intersect'
        : accept(c, 'setminus')
          ? 'minus'
          : undefined;
    if (op === undefined) return left;
    left = { k: 'setop', op, args: [left, difference(parseRatio(c))] };
  }
}

/** S − T between sets is a set difference. */
function difference(node: Node): Node {
  if (node.k !== 'add' || !isSet(node.args[0]!)) return node;
  return node.args.reduce((left, right) =>
    right.k === 'neg' ? { k: 'setop', op: 'minus', args: [left, right.a] } : fail(),
  );
}

function parseRatio(c: Cursor): Node {
  const time = parseTime(c);
  if (time !== undefined) return time;
  const args = [c.rules.expression(c)];
  while (!c.inSet && accept(c, ':')) args.push(c.rules.expression(c));
  return args.length === 1 ? args[0]! : { k: 'ratio', args };
}

/** 20:34, 8:05:30 p.m. */
function parseTime(c: Cursor): Node | undefined {
  const fields: number[] = [];
  let at = c.at;
  for (;;) {
    const token = c.tokens[at];
    if (token?.t !== 'num' || !(fields.length === 0 ? /^\d{1,2}$/ : /^[0-5]\d$/).test(token.v)) return undefined;
    fields.push(Number(token.v));
    at++;
    const colon = c.tokens[at];
    if (fields.length === 3 || colon?.v !== ':' || colon.gap) break;
    at++;
  }
  const half = c.tokens[at]?.t === 'text' ? /^([ap])\.?\s?m\.?$/i.exec(c.tokens[at]!.v)?.[1]?.toLowerCase() : undefined;
  if (fields.length === 1 || fields[0]! > 24) return undefined;
  c.at = half === undefined ? at : at + 1;
  return { k: 'time', fields, half: half === undefined ? '' : half === 'a' ? 'am' : 'pm' };
}
