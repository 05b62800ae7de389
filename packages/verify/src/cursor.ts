import type { Node } from './ast.ts';
import { type Budget, deepestNesting, spend } from './budget.ts';
import type { Token } from './lexer.ts';

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
  /** Items up to one of the closers; given here so that expressions can hold lists without a circular import. */
  readonly list: (cursor: Cursor, closers: readonly string[]) => Node;
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
