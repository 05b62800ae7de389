import { type Approx, finite, isReal, minus, over, plus, real, size } from '../numbers/complex.ts';
import { evaluate } from '../numbers/numeric.ts';
import { infinity, sameScalar } from '../numbers/scalar.ts';
import { type Node, type Relation, symbols } from '../reading/ast.ts';
import { table } from '../table.ts';
import { type Context, type Match, no, unknown, yes } from './match.ts';

/** An end of a segment: its value, and the expression it came from where there is one. */
interface End {
  readonly value: number;
  readonly err: number;
  readonly node: Node | undefined;
  readonly closed: boolean;
}

/** A stretch of the real line from `lo` to `hi`; a point when both are the same and closed. */
export interface Segment {
  readonly lo: End;
  readonly hi: End;
}

const ending = (
  value: number,
  closed: boolean,
  node?: Node,
  err = Number.isFinite(value) ? Math.abs(value) * 1e-15 : 0,
): End => ({ value, err, node, closed });
const everything: readonly Segment[] = [
  { lo: ending(Number.NEGATIVE_INFINITY, false), hi: ending(Number.POSITIVE_INFINITY, false) },
];
const most = 64;

/** The value of a constant expression as an end; undefined when it isn't real. */
function endOf(node: Node, closed: boolean, context: Context): End | undefined {
  const sign = infinity(node);
  if (sign !== undefined) return ending(sign * Number.POSITIVE_INFINITY, false, node);
  const z = evaluate(node, {
    budget: context.budget,
    values: new Map(),
    roundedFrom: Number.POSITIVE_INFINITY,
    logBase: 'e',
    notes: { swallowed: false },
  });
  return finite(z) && isReal(z) ? ending(z.re, closed, node, z.err) : undefined;
}

const same = (a: End, b: End): boolean =>
  a.value === b.value ||
  (Number.isFinite(a.value) &&
    Number.isFinite(b.value) &&
    Math.abs(a.value - b.value) <= (a.err + b.err) * 4 + 1e-13 * Math.abs(a.value));

/** A node as a union of segments; undefined when it isn't a set of reals we can lay out. */
export function toSegments(node: Node, context: Context): readonly Segment[] | undefined {
  switch (node.k) {
    case 'tuple': {
      const [lo, hi] = node.args;
      if (node.args.length !== 2 || symbols(node).size > 0) return undefined;
      const [a, b] = [endOf(lo!, node.open === '[', context), endOf(hi!, node.close === ']', context)];
      if (a === undefined || b === undefined || a.value > b.value) return undefined;
      return [{ lo: a, hi: b }];
    }
    case 'set': {
      const points = node.args.map((arg) => endOf(arg, true, context));
      return points.some((p) => p === undefined) ? undefined : union(points.map((p) => ({ lo: p!, hi: p! })));
    }
    case 'named-set':
      return node.name === 'R' ? everything : node.name === 'empty' ? [] : undefined;
    case 'setop':
      return combined(node, context);
    case 'builder':
      return fromConditions(node.conditions, context);
    case 'rel':
      return fromRelation(node, context);
    case 'list':
      return node.args.every((arg) => arg.k === 'rel') ? fromConditions(node, context) : undefined;
    default:
      return undefined;
  }
}

function combined(node: Extract<Node, { k: 'setop' }>, context: Context): readonly Segment[] | undefined {
  const parts = node.args.map((arg) => toSegments(arg, context));
  if (parts.some((part) => part === undefined)) return undefined;
  const sets = parts as (readonly Segment[])[];
  if (node.op === 'union') return union(sets.flat());
  return sets.reduce((a, b) => intersect(a, node.op === 'minus' ? complement(b) : b));
}

/** Conditions side by side: "or" unites them; otherwise they all hold, unless nothing could and a comma stood between them. */
function fromConditions(node: Node, context: Context): readonly Segment[] | undefined {
  if (node.k === 'qualified') return fromConditions(node.a, context);
  if (node.k !== 'list') return toSegments(node, context);
  const parts = node.args.map((arg) => toSegments(arg, context));
  if (parts.some((part) => part === undefined) || symbols(node).size !== 1) return undefined;
  const sets = parts as (readonly Segment[])[];
  if (node.by === 'or') return union(sets.flat());
  const all = sets.reduce(intersect);
  return all.length === 0 && (node.by === ',' || node.by === 'and') ? union(sets.flat()) : all;
}

/** x < a, a ≤ x < b, x ≠ a, x ∈ S, also with |x| or a multiple of x in the place of x. */
function fromRelation(node: Extract<Node, { k: 'rel' }>, context: Context): readonly Segment[] | undefined {
  if (node.ops.length === 1 && node.ops[0] === 'in')
    return node.args[0]!.k === 'sym' ? toSegments(node.args[1]!, context) : undefined;
  const names = [...symbols(node)];
  if (names.length !== 1 || node.ops.some((op) => op === 'in' || op === '~' || op === '->')) return undefined;
  let result = everything;
  for (let i = 0; i < node.ops.length; i++) {
    const part = solve(node.args[i]!, node.ops[i]!, node.args[i + 1]!, names[0]!, context);
    if (part === undefined) return undefined;
    result = intersect(result, part);
  }
  return result;
}

/** Solves one relation that is linear in its only symbol, or in the symbol's absolute value. */
function solve(a: Node, op: Relation, b: Node, name: string, context: Context): readonly Segment[] | undefined {
  const f = (x: number): Approx => {
    const setting = {
      budget: context.budget,
      values: new Map([[name, real(x, 0)]]),
      roundedFrom: Number.POSITIVE_INFINITY,
      logBase: 'e' as const,
      notes: { swallowed: false },
    };
    return plus(evaluate(a, setting), minus(evaluate(b, setting)));
  };
  const absolute = solveAbsolute(a, op, b, name, context);
  if (absolute !== undefined) return absolute;
  const isName = (node: Node): boolean => node.k === 'sym';
  if (isName(a) && symbols(b).size === 0) return beyond(endOf(b, true, context), op, 1);
  if (isName(b) && symbols(a).size === 0) return beyond(endOf(a, true, context), op, -1);
  const values = [0, 1, 2, 5].map(f);
  if (!values.every((v) => finite(v) && isReal(v))) return undefined;
  const [f0, f1, f2, f5] = values as [Approx, Approx, Approx, Approx];
  const slope = plus(f1, minus(f0));
  const linear = (x: number, y: Approx): boolean =>
    Math.abs(f0.re + slope.re * x - y.re) <= 1e-12 * (Math.abs(f0.re) + Math.abs(slope.re * x) + Math.abs(y.re));
  if (!linear(2, f2) || !linear(5, f5) || Math.abs(slope.re) <= slope.err * 4) return undefined;
  const root = over(minus(f0), slope);
  const half = beyond(ending(root.re, true, undefined, root.err), op, Math.sign(slope.re));
  const [left, left3] = [f(-1), f(-3)];
  if (linear(-1, left) && linear(-3, left3)) return half;
  const even = [1, 2, 5].every((x) => size(plus(f(-x), minus(f(x)))) <= 1e-12 * (1 + size(f(x))));
  if (!even || half === undefined) return undefined;
  const right = intersect(half, [{ lo: ending(0, true), hi: ending(Number.POSITIVE_INFINITY, false) }]);
  return union([
    ...right,
    ...right.map(({ lo, hi }) => ({
      lo: { ...hi, value: -hi.value, node: undefined },
      hi: { ...lo, value: -lo.value, node: undefined },
    })),
  ]);
}

const opposite: Readonly<Partial<Record<Relation, Relation>>> = table({
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '=': '=',
  '!=': '!=',
});

/** |g| < c is −c < g < c, |g| > c is g < −c or g > c. */
function solveAbsolute(a: Node, op: Relation, b: Node, name: string, context: Context): readonly Segment[] | undefined {
  const turned = opposite[op];
  if (turned === undefined) return undefined;
  if (b.k === 'fn' && b.name === 'abs' && symbols(a).size === 0) return solveAbsolute(b, turned, a, name, context);
  if (a.k !== 'fn' || a.name !== 'abs' || a.args[0]!.k === 'fn' || symbols(b).size > 0) return undefined;
  const above = solve(a.args[0]!, op, b, name, context);
  const below = solve(a.args[0]!, turned, { k: 'neg', a: b }, name, context);
  if (above === undefined || below === undefined) return undefined;
  return op === '<' || op === '<=' || op === '!=' ? intersect(above, below) : union([...above, ...below]);
}

/** The reals x with x op end (or end op x when sign is −1). */
function beyond(end: End | undefined, op: Relation, sign: number): readonly Segment[] | undefined {
  if (end === undefined) return undefined;
  const at = (closed: boolean): End => ({ ...end, closed: closed && Number.isFinite(end.value) });
  const below = (closed: boolean): Segment => ({ lo: everything[0]!.lo, hi: at(closed) });
  const above = (closed: boolean): Segment => ({ lo: at(closed), hi: everything[0]!.hi });
  if (op === '=') return [{ lo: at(true), hi: at(true) }];
  if (op === '!=') return [below(false), above(false)];
  const closed = op === '<=' || op === '>=';
  const less = (op === '<' || op === '<=') === sign > 0;
  return [less ? below(closed) : above(closed)];
}

/** Sorted, disjoint and joined. */
function union(segments: readonly Segment[]): readonly Segment[] {
  const sorted = [...segments].sort((a, b) => a.lo.value - b.lo.value || Number(b.lo.closed) - Number(a.lo.closed));
  const out: Segment[] = [];
  for (const segment of sorted) {
    const last = out.at(-1);
    if (
      last === undefined ||
      !(segment.lo.value < last.hi.value || (same(segment.lo, last.hi) && (segment.lo.closed || last.hi.closed)))
    )
      out.push(segment);
    else if (same(segment.hi, last.hi))
      out[out.length - 1] = { lo: last.lo, hi: { ...last.hi, closed: last.hi.closed || segment.hi.closed } };
    else if (segment.hi.value > last.hi.value) out[out.length - 1] = { lo: last.lo, hi: segment.hi };
  }
  return out;
}

function intersect(a: readonly Segment[], b: readonly Segment[]): readonly Segment[] {
  const out: Segment[] = [];
  for (const x of a.slice(0, most)) {
    for (const y of b.slice(0, most)) {
      const lo = same(x.lo, y.lo)
        ? { ...x.lo, closed: x.lo.closed && y.lo.closed }
        : x.lo.value > y.lo.value
          ? x.lo
          : y.lo;
      const hi = same(x.hi, y.hi)
        ? { ...x.hi, closed: x.hi.closed && y.hi.closed }
        : x.hi.value < y.hi.value
          ? x.hi
          : y.hi;
      if (same(lo, hi) ? lo.closed && hi.closed : lo.value < hi.value) out.push({ lo, hi });
    }
  }
  return union(out);
}

function complement(segments: readonly Segment[]): readonly Segment[] {
  let result = everything;
  for (const { lo, hi } of segments.slice(0, most)) {
    result = intersect(
      result,
      [
        { lo: everything[0]!.lo, hi: { ...lo, closed: !lo.closed && Number.isFinite(lo.value) } },
        { lo: { ...hi, closed: !hi.closed && Number.isFinite(hi.value) }, hi: everything[0]!.hi },
      ].filter((part) => part.lo.value < part.hi.value),
    );
  }
  return result;
}

/** Is the node written as a set of reals, so that a pair in parentheses beside it must be an interval? */
export function isRealSet(node: Node): boolean {
  if (node.k === 'tuple')
    return (
      node.args.length === 2 &&
      (node.open !== '(' || node.close !== ')' || node.args.some((arg) => infinity(arg) !== undefined))
    );
  if (node.k === 'setop' || node.k === 'builder') return true;
  if (node.k === 'named-set') return true;
  if (node.k === 'list') return node.args.length > 0 && node.args.every((arg) => arg.k === 'rel' && isRealSet(arg));
  return (
    node.k === 'rel' &&
    node.ops.every((op) => op !== '=' && op !== '~' && op !== '->') &&
    (node.ops[0] !== 'in' || node.ops.length === 1)
  );
}

const endsAgree = (a: End, b: End, context: Context): boolean => {
  if (same(a, b)) return true;
  if (!Number.isFinite(a.value) || !Number.isFinite(b.value) || a.node === undefined || b.node === undefined)
    return false;
  return sameScalar(a.node, b.node, context).equal === true;
};

/** Two sets of reals, segment by segment; the kind of every end matters. */
export function sameRealSet(gold: Node, prediction: Node, context: Context): Match {
  const [a, b] = [toSegments(gold, context), toSegments(prediction, context)];
  if (a === undefined || b === undefined) return unknown('set');
  const names = [conditionName(gold), conditionName(prediction)];
  if (
    names[0] !== undefined &&
    names[1] !== undefined &&
    names[0] !== names[1] &&
    gold.k === 'rel' &&
    prediction.k === 'rel'
  )
    return no('variable');
  if (a.length !== b.length) return no('interval');
  const agree = a.every(({ lo, hi }, i) => {
    const other = b[i]!;
    return (
      lo.closed === other.lo.closed &&
      hi.closed === other.hi.closed &&
      endsAgree(lo, other.lo, context) &&
      endsAgree(hi, other.hi, context)
    );
  });
  return agree ? yes('interval') : no('interval');
}

/** The symbol that a relation is about. */
function conditionName(node: Node): string | undefined {
  return node.k === 'rel' ? [...symbols(node)][0] : undefined;
}

/** An interval with symbols in its ends: compared end by end. */
export function sameOpenForm(gold: Node, prediction: Node, context: Context): Match {
  if (gold.k !== 'tuple' || prediction.k !== 'tuple') return unknown('interval');
  if (gold.open !== prediction.open || gold.close !== prediction.close || gold.args.length !== prediction.args.length)
    return no('interval');
  const agree = gold.args.every((arg, i) => context.same(arg, prediction.args[i]!, context).equal === true);
  return agree ? yes('interval') : no('interval');
}
