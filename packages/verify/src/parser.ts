import type { Node, Relation } from './ast.ts';
import { type Budget, spend } from './budget.ts';
import { conversion, number as numberNode, sum } from './build.ts';
import { clean } from './clean.ts';
import { accept, type Cursor, deeper, endOfEnvironment, fail, isAt, peek, type Rules, unreadable } from './cursor.ts';
import { type Commas, connective, lex } from './lexer.ts';
import {
  parseExponent,
  parseExpression,
  parseFactor,
  parsePrimary,
  parseTerm,
  startsFactor,
} from './parse-expression.ts';
import { parseCall } from './parse-name.ts';
import { integer } from './rational.ts';
import { table } from './table.ts';
import { harmlessPrefix, percentWords, qualifierStart, unitOf } from './words.ts';

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
function parseRelation(c: Cursor): Node {
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
  const args = [parseExpression(c)];
  while (!c.inSet && accept(c, ':')) args.push(parseExpression(c));
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

/** The run of words that starts here, without connectives. */
function words(c: Cursor): string {
  let phrase = '';
  for (let token = peek(c); token?.t === 'text' && connective(token) === undefined; token = peek(c)) {
    phrase += `${token.gap && phrase !== '' ? ' ' : phrase === '' ? '' : ' '}${token.v}`;
    c.at++;
  }
  return phrase.replace(/^[\s,;:]+|[\s,;]+$/g, '');
}

/** One item of a list: a label or a harmless word, a relation, and what is said after it. */
function parseItem(c: Cursor, closers: readonly string[]): Node {
  const prefix = words(c);
  if (prefix === '') return parseSuffix(c, parseRelation(c));
  if (atEnd(c, closers) || separator(c) !== undefined) return { k: 'text', text: prefix };
  if (peek(c)?.t === 'num' && isAt(c, ':', 1) && !harmlessPrefix(prefix)) c.at += 2;
  else if (isAt(c, '=') || isAt(c, ':') || prefix.endsWith(':')) {
    if (!prefix.endsWith(':')) c.at++;
    const value = parseSuffix(c, parseRelation(c));
    return { k: 'rel', ops: ['='], args: [{ k: 'text', text: prefix.replace(/:$/, '').toLowerCase() }, value] };
  } else if (!harmlessPrefix(prefix)) fail();
  return parseSuffix(c, parseRelation(c));
}

/** Units, "percent" and side conditions after an expression. */
function parseSuffix(c: Cursor, node: Node): Node {
  let value = node;
  for (;;) {
    const token = peek(c);
    if (isAt(c, '(') && c.depth === 0) return parseCondition(c, value);
    const modulus = parseModulus(c);
    if (modulus !== undefined) {
      value = onLast(value, (last) => residue(last, modulus));
      continue;
    }
    if (token?.t !== 'text' || connective(token) !== undefined) return value;
    const start = c.at;
    const phrase = words(c);
    if (phrase === '') continue;
    if (qualifierStart.test(phrase)) {
      if (c.depth > 0) fail();
      c.at = c.tokens.length;
      return { k: 'qualified', a: value, text: c.source.slice(c.tokens[start]!.at) };
    }
    const times = multiplier(phrase);
    if (times !== undefined) {
      value = onLast(value, (last) => ({ k: 'mul', args: [last, times] }));
      continue;
    }
    const unit = phrase + unitTail(c);
    const compound = nextPart(c, unit);
    value = onLast(value, (last) =>
      compound !== undefined
        ? { k: 'unit', a: sum([last, compound]), unit }
        : percentWords.has(unit.toLowerCase().replace(/ (?:of .*)$/, ''))
          ? { k: 'percent', a: last }
          : { k: 'unit', a: last, unit },
    );
  }
}

/** A condition in parentheses after an expression: (x ≠ 0), (n ∈ ℕ*). */
function parseCondition(c: Cursor, value: Node): Node {
  const start = peek(c)!.at;
  c.at++;
  const inner = c.rules.list(c, [')']);
  if (!accept(c, ')') || inner.k !== 'rel' || inner.ops[0] === '=') fail();
  return { k: 'qualified', a: value, text: c.source.slice(start) };
}

/** The n of \\pmod{n}, "mod n" and "(mod n)". */
function parseModulus(c: Cursor): Node | undefined {
  const open = isAt(c, '(') ? 1 : 0;
  const token = peek(c, open);
  if (token === undefined || !/^[pb]?mod$/.test(token.v)) return undefined;
  c.at += open + 1;
  const modulus = parseExpression(c);
  if (open === 1 && !accept(c, ')')) fail();
  return modulus;
}

/** a mod n as one value, reduced when both are whole numbers. */
function residue(a: Node, n: Node): Node {
  const value = a.k === 'neg' && a.a.k === 'num' ? -a.a.value.n : a.k === 'num' ? a.value.n : undefined;
  if (value === undefined || n.k !== 'num' || n.value.n < 1n) return { k: 'call', name: 'mod', args: [a, n] };
  const reduced = ((value % n.value.n) + n.value.n) % n.value.n;
  return { k: 'call', name: 'mod', args: [{ k: 'num', value: { n: reduced, d: 1n } }, n] };
}

const powersOfTen = table({ hundred: 2, thousand: 3, million: 6, billion: 9, trillion: 12 });

/** "million" after a number, perhaps with more words behind it. */
function multiplier(phrase: string): Node | undefined {
  const zeros = powersOfTen[phrase.split(' ', 1)[0]!.toLowerCase()];
  return zeros === undefined ? undefined : { k: 'num', value: integer(10 ** zeros) };
}

/** The "30 minutes" of "3 hours 30 minutes", in the larger unit. */
function nextPart(c: Cursor, unit: string): Node | undefined {
  const large = unitOf(unit);
  const skip = peek(c) !== undefined && connective(peek(c)!) === 'and' ? 1 : 0;
  const [number, name] = [peek(c, skip), peek(c, skip + 1)];
  if (large === undefined || number?.t !== 'num' || name?.t !== 'text') return undefined;
  const small = unitOf(name.v);
  if (small === undefined || small.dimension !== large.dimension || small.scale >= large.scale) return undefined;
  const value = numberNode(number.v, c.budget) ?? fail();
  c.at += skip + 2;
  return { k: 'mul', args: [value, conversion(small.scale / large.scale)] };
}

/** What may follow a unit's name: a power, or "/ h". */
function unitTail(c: Cursor): string {
  let tail = '';
  if (isAt(c, '^')) {
    const braced = isAt(c, '{', 1);
    const exponent = peek(c, braced ? 2 : 1);
    if (exponent?.t !== 'num') return tail;
    tail = `^${exponent.v}`;
    c.at += braced ? 4 : 2;
  }
  if (isAt(c, '/') && (peek(c, 1)?.t === 'text' || peek(c, 1)?.t === 'id')) {
    tail += `/${peek(c, 1)!.v}`;
    c.at += 2;
  }
  return tail;
}

/** Applies a change to the last member of a chain, which is what a unit stands beside. */
const onLast = (node: Node, change: (last: Node) => Node): Node =>
  node.k === 'rel' ? { ...node, args: [...node.args.slice(0, -1), change(node.args.at(-1)!)] } : change(node);

const atEnd = (c: Cursor, closers: readonly string[]): boolean => {
  const token = peek(c);
  return (
    token === undefined ||
    (token.t === 'end' && closers.includes(endOfEnvironment)) ||
    ((token.t === 'op' || token.t === 'cmd') && closers.includes(token.v))
  );
};

type Separator = ',' | ';' | 'and' | 'or';

function separator(c: Cursor): Separator | undefined {
  const token = peek(c);
  if (token === undefined) return undefined;
  const word = connective(token);
  if (word !== undefined) return word;
  if (token.t === 'cmd') return token.v === 'wedge' ? 'and' : token.v === 'vee' ? 'or' : undefined;
  if (token.t !== 'op') return undefined;
  return token.v === ',' || token.v === ';' ? token.v : token.v === '\\\\' ? ';' : token.v === '&' ? 'and' : undefined;
}

/** The strongest of the separators standing here: ", and" is "and". */
function separators(c: Cursor): Separator | undefined {
  let found: Separator | undefined;
  for (;;) {
    const next = separator(c);
    if (next === undefined) {
      if (found === undefined || !accept(c, '.')) return found;
      continue;
    }
    if (found === undefined || next === 'and' || next === 'or' || next === ';') found = next;
    c.at++;
  }
}

/** ", where k is any real": the rest of the answer is a condition on what came before. */
function sideClause(c: Cursor): string | undefined {
  const token = peek(c);
  if (c.depth > 0 || token?.t !== 'text' || !/^(?:where|for|with|if|when|such|provided)\b/i.test(token.v))
    return undefined;
  return c.source.slice(token.at);
}

/** k ∈ ℤ, as a side condition on a parameter. */
const isMembership = (node: Node): boolean =>
  node.k === 'rel' &&
  node.ops[0] === 'in' &&
  node.args[0]!.k === 'sym' &&
  (node.args[1]!.k === 'named-set' || node.args[1]!.k === 'sym');

/** Items up to a closer: one item is itself, several are a list. Groups between semicolons or "or" stay together. */
function parseList(c: Cursor, closers: readonly string[]): Node {
  return deeper(c, () => {
    const groups: Node[][] = [[]];
    let by: Separator = ',';
    const rank = (s: Separator): number => [',', ';', 'and', 'or'].indexOf(s);
    while (isAt(c, '.')) c.at++;
    for (;;) {
      groups.at(-1)!.push(parseItem(c, closers));
      while (isAt(c, '.')) c.at++;
      if (atEnd(c, closers)) break;
      const next = separators(c) ?? fail();
      if (rank(next) > rank(by)) by = next;
      if (atEnd(c, closers)) break;
      const clause = sideClause(c);
      if (clause !== undefined) {
        c.at = c.tokens.length;
        const rest = groups.flat();
        return { k: 'qualified', a: rest.length === 1 ? rest[0]! : { k: 'list', by, args: rest }, text: clause };
      }
      if (next !== ',') groups.push([]);
    }
    const items = groups.flat();
    const condition = items.findIndex((item, i) => i > 0 && isMembership(item) && !isMembership(items[0]!));
    if (condition > 0 && items.slice(condition).every(isMembership)) {
      const rest = items.slice(0, condition);
      const a: Node = rest.length === 1 ? rest[0]! : { k: 'list', by, args: rest };
      return { k: 'qualified', a, text: 'membership' };
    }
    const texts = items.filter((item) => item.k === 'text').length;
    if (texts > 0 && texts < items.length) fail();
    if (items.length === 1) return items[0]!;
    if (
      groups.length > 1 &&
      groups[0]!.length > 1 &&
      groups.every((g) => g.length === groups[0]!.length) &&
      (by === ';' || groups.every((g) => g.every((item) => item.k === 'rel')))
    ) {
      return { k: 'list', by, args: groups.map((args): Node => ({ k: 'tuple', open: '(', close: ')', args })) };
    }
    return { k: 'list', by, args: items };
  });
}

const rules: Rules = {
  list: parseList,
  expression: parseExpression,
  term: parseTerm,
  factor: parseFactor,
  primary: parsePrimary,
  exponent: parseExponent,
  starts: startsFactor,
};

/** The text as mathematics under one reading of its commas; undefined when the grammar doesn't cover it. */
export function parseAnswer(cleaned: string, commas: Commas, budget: Budget): Node | undefined {
  const tokens = lex(cleaned, commas, budget);
  if (tokens.length === 0) return undefined;
  const cursor: Cursor = {
    tokens,
    source: cleaned,
    budget,
    at: 0,
    depth: -1,
    bars: 0,
    inSet: false,
    indexI: false,
    rules,
  };
  try {
    const node = parseList(cursor, []);
    return cursor.at === tokens.length ? node : undefined;
  } catch (error) {
    if (error === unreadable) return undefined;
    throw error;
  }
}

export { clean };
