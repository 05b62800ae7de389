import { divide, integer, type Rational } from '../numbers/rational.ts';
import { sameScalar } from '../numbers/scalar.ts';
import type { Node } from '../reading/ast.ts';
import { conversion } from '../reading/build.ts';
import { unitOf } from '../reading/words.ts';
import { type Context, either, type Match, no, yes } from './match.ts';

interface Quantity {
  readonly value: Node;
  readonly percent: boolean;
  readonly degrees: boolean;
  readonly unit: string | undefined;
}

/** `2000 g` and `5 m/s` in plain text look like products; beside a unit they are read as units too. */
function unitLetters(node: Node): Quantity | undefined {
  const [top, below] = node.k === 'div' ? [node.a, node.b] : [node, undefined];
  if (top.k !== 'mul' || top.args.length !== 2 || (below !== undefined && below.k !== 'sym')) return undefined;
  const [value, letter] = top.args as [Node, Node];
  if (value.k !== 'num' || letter.k !== 'sym') return undefined;
  const unit = below === undefined ? letter.name : `${letter.name}/${below.name}`;
  return unitOf(unit) === undefined ? undefined : { value, percent: false, degrees: false, unit };
}

/** Takes percent signs, degree signs and units off the outside of a scalar. */
function measure(node: Node, other: Node): Quantity {
  switch (node.k) {
    case 'percent':
      return { ...measure(node.a, other), percent: true };
    case 'deg':
      return { ...measure(node.a, other), degrees: true };
    case 'unit': {
      const inner = measure(node.a, other);
      return /^degrees?\b/i.test(node.unit) ? { ...inner, degrees: true } : { ...inner, unit: node.unit };
    }
    case 'neg': {
      const inner = measure(node.a, other);
      return { ...inner, value: { k: 'neg', a: inner.value } };
    }
    case 'mul':
    case 'div': {
      const letters = other.k === 'unit' ? unitLetters(node) : undefined;
      return letters ?? { value: node, percent: false, degrees: false, unit: undefined };
    }
    default:
      return { value: node, percent: false, degrees: false, unit: undefined };
  }
}

const scaled = (node: Node, by: number): Node => ({ k: 'mul', args: [node, conversion(by)] });
const whole = (n: number): Node => ({ k: 'num', value: integer(n) });

const hundred: Rational = integer(100);

function percentOf(node: Node, context: Context): Node {
  if (node.k !== 'num') return { k: 'div', a: node, b: { k: 'num', value: hundred } };
  const value = divide(node.value, hundred, context.budget);
  if (value === undefined) return { k: 'div', a: node, b: { k: 'num', value: hundred } };
  return node.decimals === undefined
    ? { k: 'num', value }
    : { k: 'num', value, decimals: { ...node.decimals, places: node.decimals.places + 2 } };
}

/** Scalars that may carry a percent sign, a degree sign or a unit. */
export function sameQuantity(gold: Node, prediction: Node, context: Context): Match {
  const [g, p] = [measure(gold, prediction), measure(prediction, gold)];
  const { conventions } = context;
  const plain = (): Match => sameScalar(g.value, p.value, context);
  if (g.percent !== p.percent) {
    const [a, b] = [
      g.percent ? percentOf(g.value, context) : g.value,
      p.percent ? percentOf(p.value, context) : p.value,
    ];
    const byValue = sameScalar(a, b, context);
    if (byValue.equal === true || conventions.percent === 'value')
      return byValue.equal === true ? yes('percent') : byValue;
    return plain().equal === true ? yes('percent sign dropped') : byValue;
  }
  if (g.degrees !== p.degrees) {
    const radians = (q: Quantity): Node => (q.degrees ? { k: 'deg', a: q.value } : q.value);
    return either('degrees', [plain(), sameScalar(radians(g), radians(p), context)]);
  }
  if (conventions.units === 'ignored' || (g.unit === undefined && p.unit === undefined)) return plain();
  return sameUnits(g, p, plain, context);
}

function sameUnits(g: Quantity, p: Quantity, plain: () => Match, context: Context): Match {
  const known = (q: Quantity): ReturnType<typeof unitOf> => (q.unit === undefined ? undefined : unitOf(q.unit));
  const [a, b] = [known(g), known(p)];
  if (g.unit !== undefined && p.unit === undefined && context.conventions.units === 'required')
    return no('unit missing');
  const [wordA, wordB] = [g.unit?.split('^'), p.unit?.split('^')];
  if (wordA !== undefined && wordB !== undefined && wordA[0] === wordB[0] && wordA[1] !== wordB[1]) return no('unit');
  if (a !== undefined && b !== undefined) {
    if (a.dimension !== b.dimension) return no('unit');
    if (a.scale === b.scale) return plain();
    const converted = sameScalar(scaled(g.value, a.scale / b.scale), p.value, context);
    return converted.equal === true ? yes('converted unit') : converted;
  }
  return plain();
}

/** 204₅: the same digits in the same base, the same value, or the digits alone. */
export function sameBased(gold: Node, prediction: Node, context: Context): Match {
  if (gold.k === 'based' && prediction.k === 'based' && gold.base === prediction.base) {
    return gold.digits.replace(/^0+(?=\d)/, '') === prediction.digits.replace(/^0+(?=\d)/, '')
      ? yes('base')
      : no('base');
  }
  const byValue = sameScalar(gold, prediction, context);
  if (byValue.equal === true) return yes('base');
  if (gold.k === 'based' && prediction.k === 'num' && context.conventions.base === 'optional') {
    return prediction.value.d === 1n && prediction.value.n.toString() === gold.digits
      ? yes('base dropped')
      : no('base');
  }
  return byValue;
}

/** Clock times, also against a twelve-hour clock; a ratio when the other side is one. */
export function sameTime(gold: Extract<Node, { k: 'time' }>, prediction: Node, context: Context): Match {
  if (prediction.k !== 'time') {
    const ratio: Node = { k: 'ratio', args: gold.fields.map(whole) };
    return gold.half === '' ? sameRatio(ratio, prediction, context) : no('time');
  }
  const [a, b] = [seconds(gold), seconds(prediction)];
  if (a === b) return yes('time');
  const halfDay = 12 * 3600;
  return (gold.half === '') !== (prediction.half === '') &&
    a % halfDay === b % halfDay &&
    Math.max(a, b) < halfDay * 2 &&
    Math.min(gold.fields[0]!, prediction.fields[0]!) <= 12 &&
    (gold.half === '' ? gold.fields[0]! <= 12 : prediction.fields[0]! <= 12)
    ? yes('time without half of day')
    : no('time');
}

function seconds(time: Extract<Node, { k: 'time' }>): number {
  const [hours, minutes, secs = 0] = time.fields as [number, number, number?];
  const hour = time.half === '' ? hours : (hours % 12) + (time.half === 'pm' ? 12 : 0);
  return hour * 3600 + minutes * 60 + secs;
}

/** a : b against a / b, and a : b : c up to a common factor. */
export function sameRatio(gold: Node, prediction: Node, context: Context): Match {
  const parts = (node: Node): readonly Node[] =>
    node.k === 'ratio' ? node.args : node.k === 'time' ? node.fields.map(whole) : [node, whole(1)];
  const [a, b] = [parts(gold), parts(prediction)];
  if (a.length !== b.length) return no('ratio');
  const product = (x: Node, y: Node): Node => ({ k: 'mul', args: [x, y] });
  if (a.some((x) => x.k === 'dots') || b.some((x) => x.k === 'dots')) {
    const same = a.every((x, i) =>
      x.k === 'dots' ? b[i]!.k === 'dots' : b[i]!.k !== 'dots' && sameScalar(x, b[i]!, context).equal === true,
    );
    return same ? yes('ratio') : no('ratio');
  }
  if (a.length === 2) {
    const quotient = (x: readonly Node[]): Node =>
      x[1]!.k === 'num' && x[1]!.value.n === 1n && x[1]!.value.d === 1n ? x[0]! : { k: 'div', a: x[0]!, b: x[1]! };
    const match = sameScalar(quotient(a), quotient(b), context);
    return match.equal === true ? yes('ratio') : match;
  }
  for (let i = 1; i < a.length; i++) {
    const match = sameScalar(product(a[0]!, b[i]!), product(a[i]!, b[0]!), context);
    if (match.equal !== true) return match.equal === false ? no('ratio') : match;
  }
  return yes('ratio');
}
