import { type Budget, deepestNesting, spend } from '../../budget.ts';
import type { Node } from '../ast.ts';
import type { Token } from '../lexer.ts';

/** The rules that other rules call. */
export interface Rules {
  /** Items up to one of the closers. */
  readonly list: (cursor: Cursor, closers: readonly string[]) => Node;
  readonly expression: (cursor: Cursor) => Node;
  readonly term: (cursor: Cursor) => Node;
  readonly factor: (cursor: Cursor) => Node;
  readonly primary: (cursor: Cursor) => Node;
  readonly exponent: (cursor: Cursor) => Node;
  readonly starts: (cursor: Cursor) => boolean;
}

/** Where the parser stands. One record travels through all parsing functions. */
export interface Cursor {
  readonly tokens: readonly Token[];
  readonly source: string;
  readonly budget: Budget;
  at: number;
  depth: number;
  /** Open absolute-value bars: a bar now closes one. */
  bars: number;
  /** Inside set braces a bar means "such that". */
  inSet: boolean;
  /** The letter i is an index here, not √−1. */
  indexI: boolean;
  /** The grammar's rules, given here so that each file can call the others' without a circular import. */
  readonly rules: Rules;
}

/** Thrown when the tokens are no mathematics the grammar knows; caught by `parseAnswer`. */
export const unreadable: Error = new Error('not readable as mathematics');

export const fail = (): never => {
  throw unreadable;
};

export const peek = (c: Cursor, ahead = 0): Token | undefined => c.tokens[c.at + ahead];

/** Is the next token this operator or command? */
export function isAt(c: Cursor, v: string, ahead = 0): boolean {
  const token = c.tokens[c.at + ahead];
  return token !== undefined && token.v === v && (token.t === 'op' || token.t === 'cmd');
}

/** Steps over `v` when it is next. */
export function accept(c: Cursor, v: string): boolean {
  if (!isAt(c, v)) return false;
  c.at++;
  return true;
}

export function expect(c: Cursor, v: string): void {
  if (!accept(c, v)) fail();
}

/** Runs a rule one level deeper, within the depth and work the budget allows. */
export function deeper<T>(c: Cursor, rule: (c: Cursor) => T): T {
  spend(c.budget, 30);
  if (++c.depth > deepestNesting) fail();
  const result = rule(c);
  c.depth--;
  return result;
}

/** Stands for any `\\end{…}` among the closers of a list. */
export const endOfEnvironment: string = 'end of environment';

/** A group in braces. */
export function braces(c: Cursor): Node {
  expect(c, '{');
  const inner = c.rules.list(c, ['}']);
  expect(c, '}');
  return inner;
}
