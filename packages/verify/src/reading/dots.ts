import { type Approx, minus, plus, real, sin, size, times } from '../numbers/complex.ts';
import type { Node } from './ast.ts';

/**
 * A sum or product with an ellipsis stands for its ends and its step: a₀ + a₁ + … + aₖ and aₖ + aₖ₋₁ + … + a₀ are one sum. The value is
 * a fixed smooth function of these, so that equal sums meet and others don't. NaN when the written terms don't keep one step.
 */
export function evaluateDots(op: 'add' | 'mul', args: readonly Node[], evaluate: (node: Node) => Approx): Approx {
  const at = args.findIndex((arg) => arg.k === 'dots');
  const [before, after] = [args.slice(0, at), args.slice(at + 1)];
  const nan: Approx = { re: Number.NaN, im: 0, err: 0 };
  if (before.length === 0 || after.length === 0 || after.some((arg) => arg.k === 'dots')) return nan;
  let step: Approx = real(1, 0);
  let known = false;
  for (const run of [before, after]) {
    for (let i = 1; i < run.length; i++) {
      const [a, b] = [evaluate(core(run[i - 1]!)), evaluate(core(run[i]!))];
      const gap = plus(b, minus(a));
      const squared = times(gap, gap);
      if (known && !(size(plus(squared, minus(step))) <= 1e-9 * size(step))) return nan;
      step = squared;
      known = true;
    }
  }
  const mark = (z: Approx): Approx => sin(plus(times(real(op === 'add' ? 0.83 : 0.59, 0), z), real(0.4, 0)));
  return plus(plus(mark(evaluate(before[0]!)), mark(evaluate(after.at(-1)!))), times(real(1.7, 0), mark(step)));
}

/** What moves from term to term: the index of an indexed name, the term itself otherwise. */
function core(term: Node): Node {
  if (term.k === 'call' && term.args.length === 1) return term.args[0]!;
  const index = term.k === 'sym' ? /_(\d{1,9})$/.exec(term.name) : null;
  return index === null ? term : { k: 'num', value: { n: BigInt(index[1]!), d: 1n } };
}
