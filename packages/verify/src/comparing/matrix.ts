import { spend } from '../budget.ts';
import { sameScalar } from '../numbers/scalar.ts';
import type { Node } from '../reading/ast.ts';
import { num, sum } from '../reading/build.ts';
import { type Context, every, type Match, no, unknown } from './match.ts';

type Rows = readonly (readonly Node[])[];
const largest = 144;

/** A node that is a matrix, or sums and products of matrices, entry by entry; undefined for anything else. */
export function toRows(node: Node, context: Context): Rows | undefined {
  spend(context.budget, 20);
  switch (node.k) {
    case 'matrix':
      return node.rows;
    case 'tuple':
      return bracketed(node) &&
        node.args.length > 0 &&
        node.args.every(
          (arg) =>
            arg.k === 'tuple' &&
            bracketed(arg) &&
            arg.args.length === (node.args[0] as { args: readonly Node[] }).args.length,
        )
        ? node.args.map((arg) => (arg as { args: readonly Node[] }).args)
        : undefined;
    case 'neg':
      return scale(toRows(node.a, context), num(-1));
    case 'div':
      return scale(toRows(node.a, context), { k: 'div', a: num(1), b: node.b });
    case 'add':
      return node.args.map((arg) => toRows(arg, context)).reduce((a, b) => (a && b ? addRows(a, b) : undefined));
    case 'mul': {
      let total: Node | Rows = node.args[0]!;
      for (const arg of node.args.slice(1)) {
        const next = product(total, arg, context);
        if (next === undefined) return undefined;
        total = next;
      }
      return Array.isArray(total) ? (total as Rows) : undefined;
    }
    case 'unit':
      return toRows(node.a, context);
    default:
      return undefined;
  }
}

/** Parentheses or brackets on both sides; a half-open interval is no vector. */
const bracketed = (node: { readonly open: string; readonly close: string }): boolean =>
  (node.open === '(') === (node.close === ')');

const scale = (rows: Rows | undefined, by: Node): Rows | undefined =>
  rows?.map((row) => row.map((entry): Node => ({ k: 'mul', args: [by, entry] })));

const addRows = (a: Rows, b: Rows): Rows | undefined =>
  a.length === b.length && a[0]!.length === b[0]!.length
    ? a.map((row, i) => row.map((entry, j) => sum([entry, b[i]![j]!])))
    : undefined;

function product(a: Node | Rows, b: Node, context: Context): Node | Rows | undefined {
  const left = Array.isArray(a) ? (a as Rows) : toRows(a as Node, context);
  const right = toRows(b, context);
  if (left === undefined && right === undefined) return { k: 'mul', args: [a as Node, b] };
  if (left === undefined) return scale(right, a as Node);
  if (right === undefined) return scale(left, b);
  if (left[0]!.length !== right.length || left.length * right[0]!.length > largest) return undefined;
  return left.map((row) =>
    right[0]!.map((_, j) => sum(row.map((entry, k): Node => ({ k: 'mul', args: [entry, right[k]![j]!] })))),
  );
}

/** Is there a matrix in the node's arithmetic? */
export const hasMatrix = (node: Node): boolean => {
  if (node.k === 'matrix') return true;
  if (node.k === 'add' || node.k === 'mul') return node.args.some(hasMatrix);
  return (node.k === 'neg' || node.k === 'div' || node.k === 'unit') && hasMatrix(node.a);
};

/** Matrices entry by entry. A vector may be written as a column, a row, or a tuple. */
export function sameMatrix(gold: Node, prediction: Node, context: Context): Match {
  const [a, b] = [vectorOrRows(gold, context), vectorOrRows(prediction, context)];
  if (a === undefined || b === undefined) return unknown('matrix');
  const isVector = (rows: Rows): boolean => rows.length === 1 || rows[0]!.length === 1;
  const sameShape = a.length === b.length && a[0]!.length === b[0]!.length;
  const bothWritten = hasMatrix(gold) && hasMatrix(prediction);
  if (!sameShape && (bothWritten || !isVector(a) || !isVector(b))) return no('matrix');
  const [x, y] = [a.flat(), b.flat()];
  if (x.length !== y.length) return no('matrix');
  return every(
    'matrix',
    x.map((entry, i) => sameScalar(entry, y[i]!, context)),
  );
}

function vectorOrRows(node: Node, context: Context): Rows | undefined {
  const rows = toRows(node, context);
  if (rows !== undefined) return rows.length * (rows[0]?.length ?? 0) > largest * 4 ? undefined : rows;
  return (node.k === 'tuple' && bracketed(node)) || (node.k === 'list' && node.by === ',') ? [node.args] : undefined;
}
