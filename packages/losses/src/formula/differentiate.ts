import { adjoints } from './adjoints.ts';
import { rowSum, sum } from './operations.ts';
import { as, isRowOf, type Shape, type Term, term } from './term.ts';

/** Terms in an order in which each comes after what it is made of; none twice. */
export function inOrder(roots: readonly Term[]): Term[] {
  const done = new Set<Term>();
  const visit = (value: Term): void => {
    if (done.has(value)) return;
    for (const operand of value.operands) visit(operand);
    done.add(value);
  };
  for (const root of roots) visit(root);
  return [...done];
}

/** ∂value/∂input for each trained input that the scalar `value` depends on, as terms: first order, stopped by sg[·]. */
export function differentiate(value: Term): ReadonlyMap<string, Term> {
  const order = inOrder([value]);
  const depends = new Set<Term>();
  for (const each of order) {
    if (each.operation === 'input' && each.detail.trained) depends.add(each);
    if (each.operation !== 'stop' && each.operands.some((operand) => depends.has(operand))) depends.add(each);
  }
  const gradients = new Map<Term, Term>([[value, term(1)]]);
  const named = new Map<string, Term>();
  for (const each of order.toReversed()) {
    const gradient = gradients.get(each);
    if (gradient === undefined || !depends.has(each)) continue;
    if (each.operation === 'input') named.set(each.detail.name!, as(gradient, each.shape));
    for (const [k, arriving] of adjoints[each.operation](gradient, each).entries()) {
      const operand = each.operands[k]!;
      if (arriving === undefined || !depends.has(operand)) continue;
      const own = gathered(arriving, each.shape, operand);
      const before = gradients.get(operand);
      gradients.set(operand, before === undefined ? own : before.plus(own));
    }
  }
  return named;
}

/** What arrives at an operand that was spread over a larger result: the sum over where it went. */
function gathered(arriving: Term, result: Shape, { shape }: Term): Term {
  if (shape === result || result.length <= shape.length) return arriving;
  const whole = as(arriving, result);
  return isRowOf(shape, result) ? rowSum(whole) : sum(whole);
}
