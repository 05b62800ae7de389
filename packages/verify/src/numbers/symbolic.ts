import { budgetSpent, spend } from '../budget.ts';
import type { Context } from '../comparing/match.ts';
import type { Node } from '../reading/ast.ts';
import { finite, real } from './complex.ts';
import { type Atoms, exactValue } from './exact.ts';
import { evaluate, hashUnit, type Setting } from './numeric.ts';
import { equal, integer, type Rational, toNumber } from './rational.ts';

/** Work that one exact test may take from the call's budget; beyond it the numerical verdict stands. */
const exactShare = 60_000;

/** Points of exact testing: whole numbers of both signs and two fractions, so that floors and roots of squares show themselves. */
const denominators = [1, 1, 3, 1, 2, 1];

function point(name: string, t: number): Rational {
  const u = Math.floor(hashUnit(`${name}@${t}`) * 89) + 5;
  const n = t % 2 === 1 ? -u : u;
  const d = denominators[t]!;
  return n % d === 0 ? integer(n + 1) : { n: BigInt(n), d: BigInt(d) };
}

/**
 * Exact identity testing (Schwartz and Zippel): both expressions at seeded rational points in exact arithmetic. `true` and `false` are
 * decided; undefined where a point has no exact value. With `atoms`, parts that aren't rational (roots, logarithms, π) stand for
 * independent unknowns, one for each numerical value; agreement then still proves identity, disagreement proves nothing.
 */
export function sameExactly(
  gold: Node,
  prediction: Node,
  names: readonly string[],
  atoms: boolean,
  context: Context,
): boolean | undefined {
  const share = Math.min(exactShare, context.budget.left);
  const own: Context = { ...context, budget: { left: share } };
  try {
    return agreement(gold, prediction, names, atoms, own);
  } catch (error) {
    if (error === budgetSpent) return undefined;
    throw error;
  } finally {
    context.budget.left -= share - Math.max(0, own.budget.left);
  }
}

function agreement(
  gold: Node,
  prediction: Node,
  names: readonly string[],
  atoms: boolean,
  context: Context,
): boolean | undefined {
  for (let t = 0; t < (names.length === 0 ? 1 : denominators.length); t++) {
    spend(context.budget, 20);
    const values = new Map(names.map((name) => [name, point(name, t)]));
    const unknowns = atoms ? unknownsAt(values, t, context) : undefined;
    const a = exactValue(gold, context.budget, values, unknowns);
    const b = a && exactValue(prediction, context.budget, values, unknowns);
    if (a === undefined || b === undefined) return undefined;
    if (!equal(a, b)) return atoms ? undefined : false;
  }
  return true;
}

/** Gives an irrational part a rational stand-in that depends on its value alone. */
function unknownsAt(values: ReadonlyMap<string, Rational>, t: number, context: Context): Atoms {
  const setting: Setting = {
    budget: context.budget,
    values: new Map([...values].map(([name, value]) => [name, real(toNumber(value), 0)])),
    roundedFrom: Number.POSITIVE_INFINITY,
    logBase: 'e',
    notes: { swallowed: false },
  };
  return (node) => {
    const z = evaluate(node, setting);
    if (!finite(z) || setting.notes.swallowed) return undefined;
    const key = `${z.re.toPrecision(10)}/${z.im.toPrecision(10)}/${t}`;
    return { n: BigInt(Math.floor(hashUnit(key) * 1e6) + 1), d: 997n };
  };
}
