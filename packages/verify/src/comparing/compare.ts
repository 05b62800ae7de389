import { spend } from '../budget.ts';
import { type Node, substitute, symbols } from '../reading/ast.ts';
import { num } from '../reading/build.ts';
import { type Named, named, nameKey, withoutName } from '../reading/naming.ts';
import { nothing, sameText, textWords } from '../reading/text.ts';
import { numberWord } from '../reading/words.ts';
import { members, renamed, sameCollection, sameSequence, sameTuple } from './collection.ts';
import { type Context, either, type Match, no, unknown, yes } from './match.ts';
import { hasMatrix, sameMatrix } from './matrix.ts';
import { sameBased, sameQuantity, sameRatio, sameTime } from './quantity.ts';
import { isRealSet, sameOpenForm, sameRealSet } from './real-set.ts';
import { sameRelation, sameSolved } from './relation.ts';

/** Do two answers say the same? Chooses the comparison by what the two are. */
export function same(gold: Node, prediction: Node, context: Context): Match {
  spend(context.budget, 40);
  const [open, other] = [family(gold), family(prediction)];
  if (open !== gold || other !== prediction) return same(open, other, context);
  if (gold.k === 'qualified' || prediction.k === 'qualified') return sameQualified(gold, prediction, context);
  if (gold.k === 'text' || prediction.k === 'text') return sameWords(gold, prediction, context);
  if (gold.k === 'rel' || prediction.k === 'rel') return sameNamed(gold, prediction, context);
  return sameValue(gold, prediction, context);
}

/** {2kπ | k ∈ ℤ} is the family 2kπ with a condition on k. */
function family(node: Node): Node {
  if (node.k !== 'builder' || node.head.k === 'sym' || node.conditions.k !== 'rel' || node.conditions.ops[0] !== 'in')
    return node;
  return node.head.k === 'rel' ? node : { k: 'qualified', a: node.head, text: 'membership' };
}

function sameWords(gold: Node, prediction: Node, context: Context): Match {
  if (gold.k === 'text' && prediction.k === 'text') return sameText(gold.text, prediction.text);
  const [text, other] = gold.k === 'text' ? [gold, prediction] : [prediction as Extract<Node, { k: 'text' }>, gold];
  const words = textWords(text.text).join(' ');
  const counted = numberWord(words);
  if (counted !== undefined) {
    const spelled = num(counted);
    return gold.k === 'text' ? context.same(spelled, other, context) : context.same(other, spelled, context);
  }
  if (nothing.test(words)) return isEmpty(other) ? yes('empty set') : no('empty set');
  if (/^all real(?: numbers?)?$|^any real number$|^real numbers$/.test(words))
    return isReals(other) ? yes('all reals') : no('all reals');
  if (/^infinit/.test(words)) return other.k === 'const' && other.name === 'inf' ? yes('infinity') : no('infinity');
  if (other.k === 'sym' || other.k === 'const') return words === other.name.toLowerCase() ? yes('text') : no('text');
  return unknown('text against mathematics');
}

const isEmpty = (node: Node): boolean =>
  (node.k === 'named-set' && node.name === 'empty') || (node.k === 'set' && node.args.length === 0);
const isReals = (node: Node): boolean =>
  (node.k === 'named-set' && node.name === 'R') ||
  (node.k === 'rel' && node.ops[0] === 'in' && isReals(node.args[1]!)) ||
  (node.k === 'tuple' &&
    node.args.length === 2 &&
    node.args.every((arg) => arg.k === 'const' || (arg.k === 'neg' && arg.a.k === 'const')));

/** Conditions that only say that a parameter is whole are one condition: `k \in \mathbb{Z}`, "for integers k" and "n = 0, ±1, …" bound no value differently. */
const conditionKey = (text: string): string =>
  /^membership$|\\mathbb\s*\{?[ZN]|integer/.test(text) && text.length < 60 ? 'whole' : textWords(text).join(' ');

/** Answers with side conditions. A condition on one side alone is taken as said; two different ones leave the verdict open. */
function sameQualified(gold: Node, prediction: Node, context: Context): Match {
  const [g, p] = [gold.k === 'qualified' ? gold.a : gold, prediction.k === 'qualified' ? prediction.a : prediction];
  const match = same(g, p, context);
  const both = gold.k === 'qualified' && prediction.k === 'qualified';
  if (both && conditionKey(gold.text) !== conditionKey(prediction.text))
    return match.equal === false ? match : unknown('side conditions');
  if (match.equal === true) return match;
  const [gv, pv] = [withoutName(g), withoutName(p)];
  const other = renamed(gv, pv);
  if (other === undefined) return match;
  return same(gv, other, context).equal === true ? yes('renamed parameter') : match;
}

/**
 * One or both sides name a value (x = 3), relate expressions, or describe a set. The same answer is written in all of these ways:
 * `x = 3` and `3`, `y = 2x` and `2x - y = 0`, `x > 2` and `(2, ∞)`. So each reading that both sides allow is tried, the narrowest
 * first (names against names), and a side that only names a value may stand for the value. What must not happen is that a
 * statement about one thing passes for one about another; `bothNamed` sees to that.
 */
function sameNamed(gold: Node, prediction: Node, context: Context): Match {
  const [g, p] = [named(gold), named(prediction)];
  if (gold.k === 'rel' && prediction.k === 'rel') {
    if (g !== undefined && p !== undefined) return bothNamed(gold, prediction, g, p, context);
    if (isRealSet(gold) && isRealSet(prediction)) {
      const match = sameRealSet(gold, prediction, context);
      if (match.equal !== undefined) return match;
    }
    if (gold.ops[0] === '=' && prediction.ops[0] === '=' && (g === undefined) !== (p === undefined)) {
      const [name, value, equation] =
        g !== undefined ? [g.name, g.values[0]!, prediction] : [p!.name, p!.values[0]!, gold];
      if (name?.k === 'sym' && symbols(value).size > 0 && sameSolved(equation, value, context).equal === true)
        return yes('equation');
    }
    if ((g === undefined) !== (p === undefined) && gold.ops[0] === '=' && prediction.ops[0] === '=') {
      const match = sameRelation(gold, prediction, context);
      if (match.equal !== undefined) return match;
    }
    if (g === undefined && p === undefined) return sameRelation(gold, prediction, context);
    return valuesAgree(g?.values ?? [gold], p?.values.slice(0, 1) ?? [prediction], context);
  }
  const spread = spreadNames(gold, prediction) ?? spreadNames(prediction, gold);
  if (spread !== undefined) return gold.k === 'rel' ? same(spread, prediction, context) : same(gold, spread, context);
  if (g !== undefined && gold.k === 'rel')
    return namedAgainst(
      g,
      prediction,
      (value) => same(value, prediction, context),
      members(gold),
      () => sameCollection(gold, prediction, context),
      gold,
      context,
    );
  if (p !== undefined && prediction.k === 'rel')
    return namedAgainst(
      { ...p, values: p.values.slice(0, 1) },
      gold,
      (value) => same(gold, value, context),
      members(prediction),
      () => sameCollection(gold, prediction, context),
      prediction,
      context,
    );
  return relationAgainst(gold, prediction, context);
}

function namedAgainst(
  value: Named,
  other: Node,
  compare: (value: Node) => Match,
  many: readonly Node[] | undefined,
  collect: () => Match,
  relation: Node,
  context: Context,
): Match {
  if (many !== undefined && (other.k === 'list' || other.k === 'set')) return collect();
  const acceptable = value.values.filter((_, i) => i === 0 || isDecimal(other));
  const match = either('value', acceptable.map(compare));
  if (match.equal !== false || relation.k !== 'rel' || value.name === undefined) return match;
  const solved =
    symbols(other).size > 0 && symbols(relation).size > 1 && !isCollection(other)
      ? sameSolved(relation, other, context)
      : match;
  return solved.equal === true ? solved : match;
}

/** What stands after ≈ in the truth is for answers that are decimals themselves; an exact answer meets the exact part. */
const isDecimal = (node: Node): boolean =>
  node.k === 'num'
    ? node.decimals !== undefined
    : (node.k === 'neg' || node.k === 'unit' || node.k === 'percent' || node.k === 'deg') && isDecimal(node.a);

const isCollection = (node: Node): boolean =>
  node.k === 'list' || node.k === 'set' || node.k === 'tuple' || node.k === 'matrix' || isRealSet(node);

function valuesAgree(g: readonly Node[], p: readonly Node[], context: Context): Match {
  return either(
    'value',
    g.flatMap((a, i) =>
      p.map((b) =>
        (a.k === 'rel' && b.k === 'rel') || (i > 0 && !isDecimal(b)) ? no('relation') : same(a, b, context),
      ),
    ),
  );
}

/** Two named values: the names must not contradict each other. */
function bothNamed(gold: Node, prediction: Node, g: Named, p: Named, context: Context): Match {
  const [a, b] = [g.name, p.name];
  let match: Match;
  if (a?.k === 'call' && b?.k === 'call') {
    if (a.name.toLowerCase() !== b.name.toLowerCase() || a.args.length !== b.args.length) return no('name');
    // f(2) = 7 is no statement about f(3).
    if (
      a.args.some((arg, i) => isNumber(arg) && isNumber(b.args[i]!) && same(arg, b.args[i]!, context).equal === false)
    )
      return no('name');
    let values = p.values.slice(0, 1);
    a.args.forEach((arg, i) => {
      const other = b.args[i]!;
      if (arg.k === 'sym' && other.k === 'sym' && arg.name !== other.name)
        values = values.map((value) => substitute(value, other.name, arg));
    });
    match = valuesAgree(g.values, values, context);
  } else {
    match = valuesAgree(g.values, p.values.slice(0, 1), context);
    if (a !== undefined && b !== undefined && contradict(a, b) && match.equal === true) match = no('name');
  }
  if (
    match.equal === true ||
    gold.k !== 'rel' ||
    prediction.k !== 'rel' ||
    gold.ops[0] !== '=' ||
    prediction.ops[0] !== '='
  )
    return match;
  return gold.ops.length === 1 &&
    prediction.ops.length === 1 &&
    symbols(gold).size > 1 &&
    sameRelation(gold, prediction, context).equal === true
    ? yes('equation')
    : match;
}

/** Functions whose value at a place is not the place's own, so that \sin x = y is no statement about x, nor about \cos x. */
const ownFunction = /^(?:sin|cos|tan|cot|sec|csc|ln|log)$/;

const subscript = /_([^']*)/;

/**
 * Do two names speak of different things? x₁ and x₂ do; a subscript that one of them lacks, or one in words, only tells variables of
 * one letter apart, and is left open.
 */
function contradict(a: Node, b: Node): boolean {
  if (a.k === 'sym' && b.k === 'sym') {
    if (a.name.replace(subscript, '') !== b.name.replace(subscript, '')) return true;
    const [one, other] = [a, b].map(({ name }) => subscript.exec(name)?.[1]);
    return [one, other].every((part) => part !== undefined && /^\d+$/.test(part)) && Number(one) !== Number(other);
  }
  if ([a, b].some((name) => name.k === 'fn' && ownFunction.test(name.name))) return nameKey(a) !== nameKey(b);
  // A derivative or a ratio is neither its inverse nor another one, and no variable of its own.
  return a.k === 'div' && b.k === 'div' && nameKey(a) !== nameKey(b);
}

const isNumber = (node: Node): boolean => node.k === 'num' || (node.k === 'neg' && isNumber(node.a));

/** (p, q) = (3, 2) as p = 3, q = 2, when the other side is such a list. */
function spreadNames(node: Node, other: Node): Node | undefined {
  if (
    node.k !== 'rel' ||
    node.ops.length !== 1 ||
    node.ops[0] !== '=' ||
    other.k !== 'list' ||
    !other.args.every((arg) => arg.k === 'rel')
  )
    return undefined;
  const [names, values] = node.args as [Node, Node];
  if (names.k !== 'tuple' || values.k !== 'tuple' || names.args.length !== values.args.length) return undefined;
  return {
    k: 'list',
    by: ',',
    args: names.args.map((name, i): Node => ({ k: 'rel', ops: ['='], args: [name, values.args[i]!] })),
  };
}

/** An inequality or an equation against something that is none. */
function relationAgainst(gold: Node, prediction: Node, context: Context): Match {
  const [relation, other] = gold.k === 'rel' ? [gold, prediction] : [prediction as Extract<Node, { k: 'rel' }>, gold];
  if (relation.ops.every((op) => op === '=')) {
    if (isCollection(other)) return no('equation');
    if (gold.k === 'num' && sumOfNames(relation.args[0]!)) return same(gold, relation.args.at(-1)!, context);
    return sameSolved(relation, other, context);
  }
  if (isRealSet(relation) && (other.k === 'tuple' || isRealSet(other) || other.k === 'set')) {
    return context.conventions.intervals === 'either' ? sameRealSet(gold, prediction, context) : no('kind');
  }
  if (other.k === 'list' && relation.args.every((arg) => nameKey(arg) !== undefined))
    return sameSequence(relation.args, other.args, context);
  return no('kind');
}

/** a + b = 7 answers 7; a + 3z = 0 doesn't answer 0. */
const sumOfNames = (node: Node): boolean =>
  (node.k === 'add' || node.k === 'mul') && node.args.every((arg) => arg.k === 'sym');

/** Values without names: matrices, sets of reals, tuples, collections, quantities, scalars. */
function sameValue(gold: Node, prediction: Node, context: Context): Match {
  if (hasMatrix(gold) || hasMatrix(prediction)) return sameMatrix(gold, prediction, context);
  const [gSet, pSet] = [isRealSet(gold), isRealSet(prediction)];
  if (gSet || pSet) {
    const match = sameSets(gold, prediction, gSet, pSet, context);
    if (match !== undefined) return match;
  }
  if (gold.k === 'tuple' && prediction.k === 'tuple') {
    const match = sameTuple(gold, prediction, context);
    if (match.equal === true) return match;
    const signed = members(gold) !== undefined || members(prediction) !== undefined;
    return signed ? sameCollection(gold, prediction, context) : match;
  }
  const [many, some] = [members(gold), members(prediction)];
  if (gold.k === 'tuple' || prediction.k === 'tuple') {
    const [tuple, other] =
      gold.k === 'tuple' ? [gold, prediction] : [prediction as Extract<Node, { k: 'tuple' }>, gold];
    if (other.k !== 'list' && other.k !== 'set') return no('tuple');
    if (other.args.some((arg) => withoutName(arg).k === 'tuple')) return sameCollection(gold, prediction, context);
    const list: Node = { k: 'list', by: ',', args: tuple.args };
    return orderedList(gold.k === 'tuple' ? list : gold, prediction.k === 'tuple' ? list : prediction, context);
  }
  if (many !== undefined || some !== undefined) return sameCollection(gold, prediction, context);
  if (gold.k === 'based' || prediction.k === 'based') return sameBased(gold, prediction, context);
  if (gold.k === 'time') return sameTime(gold, prediction, context);
  if (gold.k === 'ratio' || prediction.k === 'ratio' || prediction.k === 'time')
    return sameRatio(gold, prediction, context);
  return sameQuantity(gold, prediction, context);
}

const orderedList = (gold: Node, prediction: Node, context: Context): Match =>
  sameCollection(gold, prediction, { ...context, conventions: { ...context.conventions, order: 'ordered' } });

function sameSets(gold: Node, prediction: Node, gSet: boolean, pSet: boolean, context: Context): Match | undefined {
  const match = sameRealSet(gold, prediction, context);
  if (
    match.equal !== undefined &&
    (context.conventions.intervals === 'either' || (gold.k === 'rel') === (prediction.k === 'rel'))
  ) {
    if (gSet !== pSet && match.equal === false) return no('interval');
    return match;
  }
  if (gold.k === 'tuple' && prediction.k === 'tuple') return sameOpenForm(gold, prediction, context);
  if (gold.k === 'setop' && prediction.k === 'setop') {
    if (gold.op !== prediction.op) return no('set');
    const [g, p] = [flatten(gold), flatten(prediction)];
    return g.length === p.length && g.every((part, i) => same(part, p[i]!, context).equal === true)
      ? yes('set')
      : unknown('set');
  }
  if (gold.k === 'named-set' && prediction.k === 'named-set')
    return gold.name === prediction.name ? yes('set') : no('set');
  if (gold.k === 'builder' && prediction.k === 'builder') {
    const both =
      same(gold.head, prediction.head, context).equal === true &&
      same(gold.conditions, prediction.conditions, context).equal === true;
    return both ? yes('set') : unknown('set');
  }
  return gold.k === 'list' || prediction.k === 'list' || isEmpty(gold) || isEmpty(prediction)
    ? undefined
    : unknown('set');
}

const flatten = (node: Extract<Node, { k: 'setop' }>): readonly Node[] =>
  node.args.flatMap((arg) => (arg.k === 'setop' && arg.op === node.op && node.op !== 'minus' ? flatten(arg) : [arg]));
