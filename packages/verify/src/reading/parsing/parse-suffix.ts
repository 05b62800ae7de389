import { integer } from '../../numbers/rational.ts';
import { table } from '../../table.ts';
import type { Node } from '../ast.ts';
import { conversion, number, sum } from '../build.ts';
import { connective } from '../lexer.ts';
import { percentWords, qualifierStart, unitOf } from '../words.ts';
import { accept, type Cursor, fail, isAt, peek } from './cursor.ts';

/** The run of words that starts here, without connectives. */
export function words(c: Cursor): string {
  let phrase = '';
  for (let token = peek(c); token?.t === 'text' && connective(token) === undefined; token = peek(c)) {
    phrase += `${token.gap && phrase !== '' ? ' ' : phrase === '' ? '' : ' '}${token.v}`;
    c.at++;
  }
  return phrase.replace(/^[\s,;:]+|[\s,;]+$/g, '');
}

/** Units, "percent" and side conditions after an expression. */
export function parseSuffix(c: Cursor, node: Node): Node {
  let value = node;
  for (;;) {
    const token = peek(c);
    const modulus = parseModulus(c);
    if (modulus !== undefined) {
      value = onLast(value, (last) => residue(last, modulus));
      continue;
    }
    if (isAt(c, '(') && c.depth === 0) return parseCondition(c, value);
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
  const modulus = c.rules.expression(c);
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
  const [digits, name] = [peek(c, skip), peek(c, skip + 1)];
  if (large === undefined || digits?.t !== 'num' || name?.t !== 'text') return undefined;
  const small = unitOf(name.v);
  if (small === undefined || small.dimension !== large.dimension || small.scale >= large.scale) return undefined;
  const value = number(digits.v, c.budget) ?? fail();
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
