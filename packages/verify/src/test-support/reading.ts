import { createBudget } from '../budget.ts';
import { same } from '../comparing/compare.ts';
import type { Context } from '../comparing/match.ts';
import { settle, type VerifyOptions } from '../options.ts';
import type { Node } from '../reading/ast.ts';
import { clean } from '../reading/clean.ts';
import { parseAnswer } from '../reading/parsing/parser.ts';

/** The parse of a text that a test knows to be readable. */
export function read(text: string): Node {
  const node = parseAnswer(clean(text), 'group', createBudget());
  if (node === undefined) throw new Error(`not readable: ${text}`);
  return node;
}

/** A context as `isEquivalent` makes one. */
export const contextOf = (options?: VerifyOptions): Context => ({
  budget: createBudget(),
  conventions: settle('test', options),
  same,
});
