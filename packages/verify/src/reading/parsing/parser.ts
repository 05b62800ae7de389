import type { Budget } from '../../budget.ts';
import type { Node } from '../ast.ts';
import { type Commas, connective, lex } from '../lexer.ts';
import { harmlessPrefix } from '../words.ts';
import { accept, type Cursor, deeper, endOfEnvironment, fail, isAt, peek, type Rules, unreadable } from './cursor.ts';
import {
  parseExponent,
  parseExpression,
  parseFactor,
  parsePrimary,
  parseTerm,
  startsFactor,
} from './parse-expression.ts';
import { parseRelation } from './parse-relation.ts';
import { parseSuffix, words } from './parse-suffix.ts';

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
