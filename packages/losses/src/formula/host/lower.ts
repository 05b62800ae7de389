import type { SharedParts } from '../shared.ts';
import { type Operation, Term } from '../term.ts';

/** What the loops compute: the operations of formulas, less those of many parts, and the parts. */
export type HostOperation = Operation | 'decay' | 'softplusOf' | 'sigmoidOf' | 'scale' | 'dot';

/**
 * A formula's results, as the loops of this machine compute them. softplus(a), σ(a) and σ(−a) share the one exponential e^−|a|; a product with a
 * constant is one operand less; the sum of a product is one pass.
 */
export function lowered({ order, roots }: SharedParts): Term[] {
  const [done, decays, used] = [new Map<Term, Term>(), new Map<Term, Term>(), new Map<Term, number>()];
  for (const root of roots) used.set(root, 2);
  for (const { operands } of order) for (const operand of operands) used.set(operand, (used.get(operand) ?? 0) + 1);
  const make = (operation: HostOperation, like: Term, operands: readonly Term[], detail = like.detail): Term =>
    new Term(operation as Operation, like.shape, operands, detail);
  const decayOf = (a: Term): Term => {
    const magnitude = a.operation === ('scale' as Operation) && a.detail.number === -1 ? a.operands[0]! : a;
    if (!decays.has(magnitude)) decays.set(magnitude, make('decay', magnitude, [magnitude], {}));
    return decays.get(magnitude)!;
  };
  for (const each of order) {
    const operands = each.operands.map((operand) => done.get(operand)!);
    const [a, b] = operands;
    const inner = each.operands[0];
    let own = make(each.operation, each, operands);
    if (each.operation === 'stop') own = a!;
    else if (each.operation === 'softplus') own = make('softplusOf', each, [a!, decayOf(a!)]);
    else if (each.operation === 'sigmoid') own = make('sigmoidOf', each, [a!, decayOf(a!)]);
    else if (each.operation === 'mul' && b!.operation === 'constant') own = make('scale', each, [a!], b!.detail);
    else if (each.operation === 'sum' && isProduct(inner!) && used.get(inner!) === 1)
      own = make('dot', each, a!.operands);
    else if (each.operation === 'sum' && inner!.operation === 'square' && used.get(inner!) === 1)
      own = make('dot', each, [a!.operands[0]!, a!.operands[0]!]);
    done.set(each, own);
  }
  return roots.map((root) => done.get(root)!);
}

const isProduct = (value: Term): boolean =>
  value.operation === 'mul' && value.operands.every(({ shape }) => shape === value.shape);
