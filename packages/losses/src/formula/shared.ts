import { inOrder } from './differentiate.ts';
import { Term } from './term.ts';

/** Terms in order of computation, and those of them that are wanted. */
export interface SharedParts {
  readonly order: readonly Term[];
  readonly roots: readonly Term[];
}

/** The same formula with equal parts made one, in order of computation: what occurs twice is computed once. */
export function withSharedParts(roots: readonly Term[]): SharedParts {
  const numbers = new Map<Term, number>();
  const known = new Map<string, Term>();
  const replaced = new Map<Term, Term>();
  for (const each of inOrder(roots)) {
    const operands = each.operands.map((operand) => replaced.get(operand)!);
    const { number, name } = each.detail;
    const key = [each.operation, each.shape, number, name, ...operands.map((operand) => numbers.get(operand))].join();
    const same = known.get(key);
    const own = same ?? new Term(each.operation, each.shape, operands, each.detail);
    if (same === undefined) {
      known.set(key, own);
      numbers.set(own, numbers.size);
    }
    replaced.set(each, own);
  }
  return { order: [...known.values()], roots: roots.map((root) => replaced.get(root)!) };
}
