import type { Node } from './ast.ts';
import { based, determinant, fraction, mixed, number, number as numberNode, repeating, sum } from './build.ts';
import { accept, type Cursor, deeper, expect, fail, isAt, peek } from './cursor.ts';
import { parseFunction, parseSeries } from './parse-function.ts';
import { table } from './table.ts';
import { functionNames } from './words.ts';

const greek = new Set(
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau phi chi psi omega Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega ell hbar mho imath jmath aleph nabla partial'.split(
    ' ',
  ),
);
const accents = new Set(
  'overline vec hat bar tilde dot ddot overrightarrow widehat widetilde overarc wideparen underline'.split(' '),
);
/** Stands for any `\\end{…}` among the closers of a list. */
export const endOfEnvironment = 'end of environment';
const factorCommands = new Set(
  'frac binom pi infty lfloor lceil langle mathbb emptyset sum prod boxed fbox ldots angle triangle measuredangle therefore square star Box prime'.split(
    ' ',
  ),
);

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
  if (token.t === 'cmd')
    return functionNames.has(token.v) || factorCommands.has(token.v) || greek.has(token.v) || accents.has(token.v);
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

function prime(c: Cursor, node: Node): Node {
  c.at++;
  if (node.k === 'sym') {
    const named: Node = { k: 'sym', name: `${node.name}'` };
    return isAt(c, '(') ? parseCall(c, named.name) : named;
  }
  if (node.k === 'call') return { ...node, name: `${node.name}'` };
  return { k: 'call', name: "'", args: [node] };
}

/** x°, perhaps with minutes and seconds: 60° 42′. */
function degrees(c: Cursor, node: Node): Node {
  let value = node;
  for (const [mark, parts] of [
    ["'", 60],
    ["''", 3600],
  ] as const) {
    const marks = mark.length;
    if (peek(c)?.t !== 'num' || !isAt(c, "'", 1) || isAt(c, "'", 2) !== (marks === 2)) continue;
    const minutes = numberNode(peek(c)!.v, c.budget) ?? fail();
    c.at += 1 + marks;
    value = sum([value, { k: 'div', a: minutes, b: number(String(parts), c.budget)! }]);
  }
  return { k: 'deg', a: value };
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

/** x_1 and x_{max} are names, a_{n+1} is an indexed call, 204_5 is a number in base five. */
function parseSubscript(c: Cursor, base: Node): Node {
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
    return { k: 'fn', name: 'binom', args: [number(name, c.budget)!, parseExponent(c)] };
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
  const index = braced ? braces(c) : parsePrimary(c);
  if (c.at !== after) fail();
  return { k: 'call', name: `${owner}_`, args: index.k === 'list' ? index.args : [index] };
}

const indexedGroup = (base: Node): Node => ({ k: 'call', name: '_', args: [base] });

/** f(x, y) with f uninterpreted. */
export function parseCall(c: Cursor, name: string): Node {
  expect(c, '(');
  const inner = c.list(c, [')']);
  expect(c, ')');
  return { k: 'call', name, args: inner.k === 'list' ? inner.args : [inner] };
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

/** A currency sign before a number. */
function parseMoney(c: Cursor): Node {
  c.at++;
  return { k: 'unit', a: parseFactor(c), unit: 'dollar' };
}

function parseNumber(c: Cursor): Node {
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
  if (isAt(c, 'frac')) {
    const start = c.at;
    const both = mixed(whole, parseCommand(c), c.budget);
    if (both !== undefined) return both;
    c.at = start;
  }
  return whole;
}

function parseName(c: Cursor): Node {
  const token = peek(c)!;
  c.at++;
  if (token.v === 'e') return { k: 'const', name: 'e' };
  if ((token.v === 'i' && !c.indexI) || token.v === 'I') return { k: 'const', name: 'i' };
  if (/^[fghFG]$/.test(token.v) && isAt(c, '(')) return parseCall(c, token.v);
  if (/^[fgh]$/.test(token.v) && isAt(c, '^') && isAt(c, '(', 2) === false && isAt(c, '{', 1))
    return { k: 'sym', name: token.v };
  return { k: 'sym', name: token.v };
}

const closers: Readonly<Record<string, readonly string[]>> = table({
  '(': [')', ']'],
  '[': [']', ')'],
  '{': ['}'],
  '\\{': ['\\}'],
  langle: ['rangle', '>'],
});

/** Parentheses, brackets, braces, bars: a group when it holds one item, else a tuple or a set. */
function parseGroup(c: Cursor): Node {
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
  const inner = c.list(c, open === '\\{' ? ['\\}', '|', 'mid', ':'] : ends);
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
  const conditions = c.list(c, ['\\}', '}']);
  if (!closeSet(c)) fail();
  return { k: 'builder', head, conditions };
}

function parseBars(c: Cursor): Node {
  c.bars++;
  const inner = parseExpression(c);
  expect(c, '|');
  c.bars--;
  return { k: 'fn', name: 'abs', args: [inner] };
}

/** Lines that all hold: a system's solution. Lines with columns are a piecewise definition, which is left to its text. */
function parseCases(c: Cursor): Node {
  c.at++;
  const inner = c.list(c, [endOfEnvironment]);
  if (peek(c)?.t !== 'end') fail();
  c.at++;
  return inner.k === 'list' ? { ...inner, by: 'and' } : inner;
}

function parseMatrix(c: Cursor): Node {
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
    else rows.at(-1)!.push(parseExpression(c));
  }
  c.at++;
  if (rows.at(-1)!.length === 0) rows.pop();
  if (rows.length === 0 || rows.some((row) => row.length !== rows[0]!.length)) fail();
  const matrix: Node = { k: 'matrix', rows };
  return environment === 'vmatrix' ? (determinant(rows) ?? fail()) : matrix;
}

function braces(c: Cursor): Node {
  expect(c, '{');
  const inner = c.list(c, ['}']);
  expect(c, '}');
  return inner;
}

/** The argument of \frac or \binom: a group, or a single digit or token as TeX takes it. */
function argument(c: Cursor): Node {
  if (isAt(c, '{')) return braces(c);
  return parsePrimary(c);
}

/** TeX splits `\frac34` into 3 and 4; the lexer read 34. */
function fracArguments(c: Cursor): readonly [Node, Node] {
  const token = peek(c);
  if (token?.t === 'num' && /^\d{2,}$/.test(token.v)) {
    c.at++;
    const [first, rest] = [number(token.v[0]!, c.budget)!, number(token.v.slice(1), c.budget)!];
    return [first, rest];
  }
  return [argument(c), argument(c)];
}

function parseCommand(c: Cursor): Node {
  const name = peek(c)!.v;
  if (functionNames.has(name))
    return parseFunction(c, {
      exponent: parseExponent,
      factor: parseFactor,
      starts: startsFactor,
      primary: parsePrimary,
    });
  c.at++;
  if (name === 'frac') {
    const [a, b] = fracArguments(c);
    return { k: 'div', a, b };
  }
  if (name === 'pi') return { k: 'const', name: 'pi' };
  if (name === 'infty') return { k: 'const', name: 'inf' };
  if (name === 'ldots') return { k: 'dots' };
  if (name === 'emptyset') return { k: 'named-set', name: 'empty' };
  if (greek.has(name)) return { k: 'sym', name };
  if (name === 'boxed' || name === 'fbox') return braces(c);
  if (name === 'lfloor' || name === 'lceil') return parseRounding(c, name);
  if (name === 'langle') return finishGroup(c, 'langle', closers.langle!, c.list(c, closers.langle!));
  if (name === 'sum' || name === 'prod') return parseSeries(c, name, { exponent: parseExponent, term: parseTerm });
  if (name === 'mathbb') {
    const set = braces(c);
    return set.k === 'sym' ? { k: 'named-set', name: set.name } : fail();
  }
  if (accents.has(name)) return accented(name, argument(c));
  if (name === 'angle' || name === 'measuredangle' || name === 'triangle') return accented('', parseTerm(c));
  return fail();
}

function parseRounding(c: Cursor, name: string): Node {
  const inner = parseExpression(c);
  expect(c, name === 'lfloor' ? 'rfloor' : 'rceil');
  return { k: 'fn', name: name === 'lfloor' ? 'floor' : 'ceil', args: [inner] };
}

/** \overline{AB} and \angle ABC are names; \bar z keeps its accent. */
function accented(accent: string, inner: Node): Node {
  const parts = inner.k === 'mul' ? inner.args : [inner];
  if (parts.every((part) => part.k === 'sym' || part.k === 'const')) {
    const name = parts.map((part) => (part as { name: string }).name).join('');
    if (parts.length > 1 || accent === 'vec' || accent === 'hat' || accent === '') return { k: 'sym', name };
  }
  return { k: 'call', name: accent === '' ? 'angle' : accent, args: [inner] };
}
