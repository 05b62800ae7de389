import type { Rational } from '../numbers/rational.ts';

/** What a decimal literal says about its own precision. */
export interface Decimals {
  /** Digits after the point (less the exponent). */
  readonly places: number;
  /** Significant digits. */
  readonly significant: number;
}

/** Relations between neighbouring members of a chain. */
export type Relation = '=' | '~' | '<' | '<=' | '>' | '>=' | '!=' | 'in' | '==' | '->';

/**
 * What the parser builds from an answer. Nothing in it can be executed: evaluation knows these forms and no others.
 * Functions are looked up in a closed table by name; a name the table doesn't hold becomes an uninterpreted `call`.
 */
export type Node =
  | { readonly k: 'num'; readonly value: Rational; readonly decimals?: Decimals }
  | { readonly k: 'const'; readonly name: 'pi' | 'e' | 'i' | 'inf' }
  | { readonly k: 'sym'; readonly name: string }
  | { readonly k: 'add'; readonly args: readonly Node[] }
  | { readonly k: 'mul'; readonly args: readonly Node[] }
  | { readonly k: 'div'; readonly a: Node; readonly b: Node }
  | { readonly k: 'pow'; readonly a: Node; readonly b: Node }
  | { readonly k: 'neg'; readonly a: Node }
  /** ±a, or ∓a when `flip`. */
  | { readonly k: 'pm'; readonly a: Node; readonly flip: boolean }
  /** A function of the closed table. */
  | { readonly k: 'fn'; readonly name: string; readonly args: readonly Node[] }
  /** An uninterpreted function or an indexed name: f(x), a_{n+1}. */
  | { readonly k: 'call'; readonly name: string; readonly args: readonly Node[] }
  | {
      readonly k: 'series';
      readonly op: 'sum' | 'prod';
      readonly index: string;
      readonly from: Node;
      readonly to: Node;
      readonly body: Node;
    }
  /** x° as written; 60° 42′ is one node. */
  | { readonly k: 'deg'; readonly a: Node }
  | { readonly k: 'percent'; readonly a: Node }
  | { readonly k: 'unit'; readonly a: Node; readonly unit: string }
  /** Digits written in base `base`: 204_5. */
  | { readonly k: 'based'; readonly digits: string; readonly base: number }
  | { readonly k: 'ratio'; readonly args: readonly Node[] }
  /** A clock time as written: hours, minutes and perhaps seconds. */
  | { readonly k: 'time'; readonly fields: readonly number[]; readonly half: '' | 'am' | 'pm' }
  | { readonly k: 'matrix'; readonly rows: readonly (readonly Node[])[] }
  /** A parenthesised or bracketed sequence; with two items it may be an interval. */
  | { readonly k: 'tuple'; readonly open: string; readonly close: string; readonly args: readonly Node[] }
  | { readonly k: 'set'; readonly args: readonly Node[] }
  | { readonly k: 'builder'; readonly head: Node; readonly conditions: Node }
  | { readonly k: 'setop'; readonly op: 'union' | 'intersect' | 'minus'; readonly args: readonly Node[] }
  | { readonly k: 'named-set'; readonly name: string }
  | { readonly k: 'rel'; readonly ops: readonly Relation[]; readonly args: readonly Node[] }
  /** Items side by side. `by` is the strongest separator: a comma, a semicolon, "and", "or". */
  | { readonly k: 'list'; readonly args: readonly Node[]; readonly by: ',' | ';' | 'and' | 'or' }
  | { readonly k: 'qualified'; readonly a: Node; readonly text: string }
  | { readonly k: 'dots' }
  | { readonly k: 'text'; readonly text: string };

/** The sub-nodes of a node, in order. */
export function children(node: Node): readonly Node[] {
  switch (node.k) {
    case 'add':
    case 'mul':
    case 'fn':
    case 'call':
    case 'ratio':
    case 'tuple':
    case 'set':
    case 'setop':
    case 'rel':
    case 'list':
      return node.args;
    case 'div':
    case 'pow':
      return [node.a, node.b];
    case 'neg':
    case 'pm':
    case 'deg':
    case 'percent':
    case 'unit':
    case 'qualified':
      return [node.a];
    case 'series':
      return [node.from, node.to, node.body];
    case 'matrix':
      return node.rows.flat();
    case 'builder':
      return [node.head, node.conditions];
    default:
      return [];
  }
}

/** The same node with its sub-nodes replaced, in the order of `children`. */
export function withChildren(node: Node, next: readonly Node[]): Node {
  switch (node.k) {
    case 'add':
    case 'mul':
    case 'fn':
    case 'call':
    case 'ratio':
    case 'tuple':
    case 'set':
    case 'setop':
    case 'rel':
    case 'list':
      return { ...node, args: next };
    case 'div':
    case 'pow':
      return { ...node, a: next[0]!, b: next[1]! };
    case 'neg':
    case 'pm':
    case 'deg':
    case 'percent':
    case 'unit':
    case 'qualified':
      return { ...node, a: next[0]! };
    case 'series':
      return { ...node, from: next[0]!, to: next[1]!, body: next[2]! };
    case 'matrix': {
      let at = 0;
      return { ...node, rows: node.rows.map((row) => row.map(() => next[at++]!)) };
    }
    case 'builder':
      return { ...node, head: next[0]!, conditions: next[1]! };
    default:
      return node;
  }
}

/** Does `test` hold for the node or any node below it? */
export const some = (node: Node, test: (node: Node) => boolean): boolean =>
  test(node) || children(node).some((child) => some(child, test));

/** The free symbols of a node (not the index of a series, not the names of calls). */
export function symbols(node: Node, into: Set<string> = new Set(), bound: readonly string[] = []): Set<string> {
  if (node.k === 'sym') {
    if (!bound.includes(node.name)) into.add(node.name);
  } else if (node.k === 'series') {
    symbols(node.from, into, bound);
    symbols(node.to, into, bound);
    symbols(node.body, into, [...bound, node.index]);
  } else for (const child of children(node)) symbols(child, into, bound);
  return into;
}

/** The node with symbol `from` replaced by `to`. */
export function substitute(node: Node, from: string, to: Node): Node {
  if (node.k === 'sym') return node.name === from ? to : node;
  const below = children(node);
  return below.length === 0
    ? node
    : withChildren(
        node,
        below.map((child) => substitute(child, from, to)),
      );
}
