import type { Node } from '../ast.ts';
import { sum } from '../build.ts';
import { accept, type Cursor, deeper, expect, fail, isAt, peek } from './cursor.ts';
import { beginsFactor, parseCommand } from './parse-command.ts';
import { parseGroup, parseMatrix } from './parse-group.ts';
import { degrees, parseMoney, parseName, parseNumber, parseSubscript, prime } from './parse-name.ts';

/** Sums and differences; the lowest arithmetic level. */
export function parseExpression(c: Cursor): Node {
  return deeper(c, () => {
    const terms: Node[] = [];
    let first = true;
    for (;;) {
      const sign = readSign(c);
      if (sign === undefined && !first) break;
      const term = parseTerm(c);
      terms.push(
        sign === '-'
          ? { k: 'neg', a: term }
          : sign === 'pm' || sign === 'mp'
            ? { k: 'pm', a: term, flip: sign === 'mp' }
            : term,
      );
      first = false;
    }
    const total = sum(terms);
    return accept(c, 'over') ? { k: 'div', a: total, b: parseExpression(c) } : total;
  });
}

/** The signs before a term, multiplied out; undefined when there is none. */
function readSign(c: Cursor): '+' | '-' | 'pm' | 'mp' | undefined {
  let sign: '+' | '-' | 'pm' | 'mp' | undefined;
  for (;;) {
    if (accept(c, '+')) sign ??= '+';
    else if (accept(c, '-')) sign = sign === '-' ? '+' : sign === 'pm' ? 'mp' : sign === 'mp' ? 'pm' : '-';
    else if (isAt(c, 'pm') || isAt(c, 'mp')) {
      const written = peek(c)!.v as 'pm' | 'mp';
      c.at++;
      sign = sign === '-' ? (written === 'pm' ? 'mp' : 'pm') : written;
    } else return sign;
  }
}

/** Products and quotients, also by juxtaposition. */
export function parseTerm(c: Cursor): Node {
  let left = parseFactor(c);
  for (;;) {
    if (accept(c, '*') || accept(c, 'times') || accept(c, 'cdot')) left = product(left, parseSigned(c));
    else if (accept(c, '/')) left = { k: 'div', a: left, b: parseSigned(c) };
    else if (accept(c, 'choose')) left = { k: 'fn', name: 'binom', args: [left, parseFactor(c)] };
    else if (startsFactor(c)) {
      if (peek(c)!.t === 'num' && left.k === 'num') fail();
      const start = c.at;
      const right = parseFactor(c);
      if (right.k === 'rel' && left.k !== 'rel') {
        c.at = start;
        return left;
      }
      if (right.k === 'tuple' || right.k === 'set' || left.k === 'tuple' || left.k === 'set') fail();
      left = product(left, right);
    } else return left;
  }
}

const product = (a: Node, b: Node): Node => ({ k: 'mul', args: a.k === 'mul' ? [...a.args, b] : [a, b] });

function parseSigned(c: Cursor): Node {
  const sign = readSign(c);
  const factor = parseFactor(c);
  return sign === '-'
    ? { k: 'neg', a: factor }
    : sign === 'pm' || sign === 'mp'
      ? { k: 'pm', a: factor, flip: sign === 'mp' }
      : factor;
}

const startsFactorAt = (c: Cursor, ahead: number): boolean => {
  const token = peek(c, ahead);
  return token !== undefined && (token.t === 'num' || token.t === 'id' || token.v === '(' || token.v === '{');
};

/** Can the next token begin a factor of a product written without a sign? */
export function startsFactor(c: Cursor): boolean {
  const token = peek(c);
  if (token === undefined) return false;
  if (token.t === 'num' || token.t === 'id' || token.t === 'begin') return true;
  if (token.t === 'cmd') return beginsFactor(token.v);
  if (token.t !== 'op' || (token.v === '(' && /^[pb]?mod$/.test(peek(c, 1)?.v ?? ''))) return false;
  return token.v === '(' || token.v === '{' || (token.v === '|' && c.bars === 0 && !c.inSet);
}

/** A primary with its exponents, subscripts, factorials, degrees and per cents. */
export function parseFactor(c: Cursor): Node {
  return deeper(c, () => parsePostfix(c, parsePrimary(c)));
}

function parsePostfix(c: Cursor, primary: Node): Node {
  let node = primary;
  for (;;) {
    if (isAt(c, '^')) node = parsePower(c, node);
    else if (isAt(c, '_')) node = parseSubscript(c, node);
    else if (accept(c, '!')) node = { k: 'fn', name: 'factorial', args: [node] };
    else if (node.k === 'num' && accept(c, '¤')) node = { k: 'unit', a: node, unit: 'dollar' };
    else if (isAt(c, '¤') && peek(c, 1)?.t !== 'num') c.at++;
    else if (accept(c, '%')) node = { k: 'percent', a: node };
    else if (accept(c, 'circ')) node = degrees(c, node);
    else if (isAt(c, "'") || isAt(c, 'prime')) node = prime(c, node);
    else return node;
  }
}

function parsePower(c: Cursor, base: Node): Node {
  c.at++;
  const braced = isAt(c, '{');
  const inner = braced ? 1 : 0;
  if (isAt(c, 'circ', inner)) {
    c.at += inner + 1;
    if (braced) expect(c, '}');
    return degrees(c, base);
  }
  const token = peek(c, inner);
  if (
    (base.k === 'named-set' || base.k === 'sym') &&
    token?.t === 'op' &&
    (token.v === '*' || token.v === '+' || token.v === '-') &&
    (braced ? isAt(c, '}', 2) : !startsFactorAt(c, 1))
  ) {
    c.at += braced ? 3 : 1;
    return { ...base, name: base.name + token.v };
  }
  if (token !== undefined && token.t !== 'op' && /^(?:st|nd|rd|th)$/.test(token.v)) {
    c.at += inner + 1;
    if (braced) expect(c, '}');
    return base;
  }
  if (token !== undefined && (token.v === 'prime' || token.v === "'")) {
    c.at += inner;
    let node = base;
    while (isAt(c, 'prime') || isAt(c, "'")) node = prime(c, node);
    if (braced) expect(c, '}');
    return node;
  }
  return { k: 'pow', a: base, b: parseExponent(c) };
}

/** What stands after `^`: a group, or one signed factor without postfix of its own. */
export function parseExponent(c: Cursor): Node {
  return deeper(c, () => {
    const sign = readSign(c);
    const bare = parsePrimary(c);
    const power: Node =
      isAt(c, '^') && peek(c, -1)?.v !== '}'
        ? parsePower(c, bare)
        : accept(c, '!')
          ? { k: 'fn', name: 'factorial', args: [bare] }
          : bare;
    return sign === '-'
      ? { k: 'neg', a: power }
      : sign === 'pm' || sign === 'mp'
        ? { k: 'pm', a: power, flip: sign === 'mp' }
        : power;
  });
}

/** Numbers, names, groups and commands. */
export function parsePrimary(c: Cursor): Node {
  const token = peek(c) ?? fail();
  if (token.t === 'num') return parseNumber(c);
  if (token.t === 'id') return parseName(c);
  if (token.t === 'begin') return parseMatrix(c);
  if (token.v === '¤') return parseMoney(c);
  if (token.t === 'op') return parseGroup(c);
  if (token.t === 'cmd') return parseCommand(c);
  return fail();
}
