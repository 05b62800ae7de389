import { type Approx, finite, over, size, times } from '../numbers/complex.ts';
import { evaluate } from '../numbers/numeric.ts';
import { close, settingFor } from '../numbers/sampling.ts';
import { sameScalar } from '../numbers/scalar.ts';
import { type Node, type Relation, substitute, symbols } from '../reading/ast.ts';
import { num, sum } from '../reading/build.ts';
import { table } from '../table.ts';
import { type Context, type Match, no, unknown, yes } from './match.ts';

type Chain = Extract<Node, { k: 'rel' }>;

const lhsMinusRhs = (node: Chain, i = 0): Node => sum([node.args[i]!, { k: 'neg', a: node.args[i + 1]! }]);

const isInequality = (op: Relation): boolean => op === '<' || op === '<=' || op === '>' || op === '>=';
const mirrored: Readonly<Partial<Record<Relation, Relation>>> = table({ '<': '>', '>': '<', '<=': '>=', '>=': '<=' });

/**
 * The constant ratio F / G of two expressions: its sign, or undefined when F isn't a constant multiple of G. F = 0 and G = 0 then say
 * the same, and so do F < 0 and G < 0 when the ratio is positive.
 */
function constantRatio(f: Node, g: Node, context: Context): number | undefined {
  const names = [...symbols(g, symbols(f))];
  let first: readonly [Approx, Approx] | undefined;
  let conclusive = 0;
  for (let t = 0; t < 12; t++) {
    const setting = settingFor(names, t, context);
    const [a, b] = [evaluate(f, setting), evaluate(g, setting)];
    if (!finite(a) || !finite(b)) continue;
    if (size(a) <= a.err * 8 || size(b) <= b.err * 8) {
      if (size(a) <= a.err * 8 !== size(b) <= b.err * 8) return undefined;
      continue;
    }
    first ??= [a, b];
    if (close(times(a, first[1]), times(b, first[0]), 4, 0) !== true) return undefined;
    conclusive++;
  }
  if (first === undefined || conclusive < 3) return undefined;
  const ratio = over(first[0], first[1]);
  return Math.abs(ratio.im) > 1e-9 * size(ratio) ? 0 : Math.sign(ratio.re);
}

/** Two chains of relations, neither of which merely names a value. */
export function sameRelation(gold: Chain, prediction: Chain, context: Context): Match {
  if (gold.ops.length !== prediction.ops.length) return unknown('relation');
  const [g, p] = [gold.ops[0]!, prediction.ops[0]!];
  if (gold.ops.length > 1) return sameChain(gold, prediction, context);
  if (isInequality(g) && isInequality(p)) {
    if ((g.length === 2) !== (p.length === 2)) return no('inequality');
    const sign = constantRatio(lhsMinusRhs(gold), lhsMinusRhs(prediction), context);
    if (sign === undefined) return no('inequality');
    return (g[0] === p[0] ? 1 : -1) === sign ? yes('inequality') : no('inequality');
  }
  if (g !== p) return no('relation');
  if (g === '=' || g === '!=') {
    return constantRatio(lhsMinusRhs(gold), lhsMinusRhs(prediction), context) !== undefined
      ? yes('equation')
      : no('equation');
  }
  const parts = gold.args.map((arg, i) => context.same(arg, prediction.args[i]!, context));
  return parts.every((part) => part.equal === true) ? yes('relation') : no('relation');
}

/** a < b < c against itself or c > b > a, member by member. */
function sameChain(gold: Chain, prediction: Chain, context: Context): Match {
  const turned = prediction.ops.every((op, i) => mirrored[op] === gold.ops[gold.ops.length - 1 - i]);
  const straight = prediction.ops.every((op, i) => op === gold.ops[i]);
  if (!straight && !turned) return no('relation');
  const members = straight ? prediction.args : [...prediction.args].reverse();
  const agree = gold.args.every((arg, i) => context.same(arg, members[i]!, context).equal === true);
  return agree ? yes('relation') : no('relation');
}

/**
 * An equation against an expression: solve the equation for the one symbol the expression lacks (it must be linear in it) and compare.
 * y + 1 = −(2x − 1)² is the answer −4x² + 4x − 2.
 */
export function sameSolved(equation: Chain, expression: Node, context: Context): Match {
  if (equation.ops.length !== 1 || equation.ops[0] !== '=') return unknown('equation');
  const has = symbols(expression);
  const missing = [...symbols(equation)].filter((name) => !has.has(name));
  if (missing.length !== 1 || symbols(equation).size !== has.size + 1) return no('equation');
  const f = lhsMinusRhs(equation);
  const at = (x: number): Node => substitute(f, missing[0]!, num(x));
  const [f0, f1, f3] = [at(0), at(1), at(3)];
  const linear: Node = sum([
    { k: 'mul', args: [num(3), f1] },
    { k: 'neg', a: { k: 'mul', args: [num(2), f0] } },
  ]);
  if (sameScalar(linear, f3, context).equal !== true) return no('equation');
  const solution: Node = { k: 'div', a: { k: 'neg', a: f0 }, b: sum([f1, { k: 'neg', a: f0 }]) };
  const match = sameScalar(solution, expression, context);
  return match.equal === true ? yes('solved equation') : match;
}
