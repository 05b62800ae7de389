import { expandSigns } from '../numbers/signs.ts';
import { type Node, substitute, symbols } from '../reading/ast.ts';
import { nameOf, withoutName } from '../reading/naming.ts';
import { type Context, either, every, type Match, no, unknown, yes } from './match.ts';

/** Most items that are compared with each other. */
const most = 120;

/** The members of a list, a set or a ± expression; undefined for a single answer. */
export function members(node: Node): readonly Node[] | undefined {
  if (node.k === 'list' || node.k === 'set') return node.args.flatMap((arg) => expandSigns(arg, true)[0] ?? [arg]);
  if (node.k === 'named-set' && node.name === 'empty') return [];
  if (node.k === 'rel' && node.ops.length === 1 && node.ops[0] === '=') {
    const inner = members(node.args[1]!);
    return inner?.map((member): Node => ({ ...node, args: [node.args[0]!, member] }));
  }
  const expanded = expandSigns(node, true)[0]!;
  return expanded.length > 1 ? expanded : undefined;
}

/** Lists, sets and ± expressions. Ordered where names or the convention say so. */
export function sameCollection(gold: Node, prediction: Node, context: Context): Match {
  const results: Match[] = [];
  for (const [g, p] of pairings(gold, prediction)) {
    if (g.length > most || p.length > most) return unknown('too many items');
    const match = sameMembers(gold, prediction, g, p, context);
    if (match.equal === true) return match;
    results.push(match);
  }
  return either('list', results);
}

/** Signs in one item go together, or each stands alone: both readings of ± are tried. */
function* pairings(gold: Node, prediction: Node): Generator<readonly [readonly Node[], readonly Node[]]> {
  const readings = (node: Node): readonly (readonly Node[])[] => {
    const items = node.k === 'list' || node.k === 'set' ? node.args : node.k === 'named-set' ? [] : [node];
    const each = items.map((item) => expandSigns(item, false));
    const linked = each.flatMap((options) => options[0]!);
    return each.every((options) => options.length === 1)
      ? [linked]
      : [linked, each.flatMap((options) => options.at(-1)!)];
  };
  for (const g of readings(gold)) for (const p of readings(prediction)) yield [g, p];
}

function sameMembers(gold: Node, prediction: Node, g: readonly Node[], p: readonly Node[], context: Context): Match {
  if (g.some((item) => item.k === 'dots') || p.some((item) => item.k === 'dots')) return sameProgression(g, p, context);
  const [gNames, pNames] = [g.map(nameOf), p.map(nameOf)];
  const byName = matchByName(g, p, gNames, pNames, context);
  if (byName !== undefined) return byName;
  const [gv, pv] = [g.map(withoutName), p.map(withoutName)];
  const tuple = gold.k === 'tuple' || prediction.k === 'tuple';
  const named = distinct(gNames) || distinct(pNames);
  if (tuple || context.conventions.order === 'ordered' || (named && distinct(gNames) !== distinct(pNames))) {
    const inOrder = sameSequence(gv, pv, context);
    if (inOrder.equal === true || !named) return inOrder;
    return sameSequence(sorted(gv, gNames), sorted(pv, pNames), context);
  }
  const sets = gold.k === 'set' || prediction.k === 'set' || g.every((item) => item.k === 'tuple');
  return sameUnordered(gv, pv, sets, context);
}

/** Plain, pairwise different symbols as names: a = 2, b = 3. Numbered names of one letter don't count: x₁, x₂ are just two values. */
function distinct(names: readonly (string | undefined)[]): boolean {
  if (names.length < 2 || names.some((name) => name === undefined || name.startsWith('"'))) return false;
  const bases = names.map((name) => name!.replace(/_.*$/, ''));
  return (
    new Set(bases).size === names.length ||
    (new Set(names).size === names.length && names.some((name) => name!.includes('(')))
  );
}

const sorted = (values: readonly Node[], names: readonly (string | undefined)[]): readonly Node[] =>
  distinct(names)
    ? values
        .map((value, i) => [names[i]!, value] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, value]) => value)
    : values;

/** Both sides name the same things, each once: compare name by name. */
function matchByName(
  g: readonly Node[],
  p: readonly Node[],
  gNames: readonly (string | undefined)[],
  pNames: readonly (string | undefined)[],
  context: Context,
): Match | undefined {
  const once = (names: readonly (string | undefined)[]): boolean =>
    names.every((name) => name !== undefined) && new Set(names).size === names.length;
  if (
    g.length !== p.length ||
    g.length < 2 ||
    !once(gNames) ||
    !once(pNames) ||
    !gNames.every((name) => pNames.includes(name))
  )
    return undefined;
  return every(
    'by name',
    g.map((item, i) => context.same(withoutName(item), withoutName(p[pNames.indexOf(gNames[i])]!), context)),
  );
}

/** 1, 2, 3, …, n and 1, 2, …, n: the same but for the number of members written out, as long as those keep one step. */
function sameProgression(g: readonly Node[], p: readonly Node[], context: Context): Match {
  const plain = sameSequence(g, p, context);
  if (plain.equal === true) return plain;
  const [long, short] = g.length >= p.length ? [g, p] : [p, g];
  const [i, j] = [long.findIndex((item) => item.k === 'dots'), short.findIndex((item) => item.k === 'dots')];
  if (j < 2 || i !== j + 1 || sameSequence(short.slice(j), long.slice(i), context).equal !== true) return plain;
  if (sameSequence(short.slice(0, j), long.slice(0, j), context).equal !== true) return plain;
  const step = (k: number): Node => ({ k: 'add', args: [long[k]!, { k: 'neg', a: long[k - 1]! }] });
  return context.same(step(i - 1), step(i - 2), context).equal === true ? yes('progression') : plain;
}

export function sameSequence(g: readonly Node[], p: readonly Node[], context: Context): Match {
  if (g.length !== p.length) return no('number of items');
  return every(
    'in order',
    g.map((item, i) =>
      item.k === 'dots' || p[i]!.k === 'dots'
        ? item.k === p[i]!.k
          ? yes('dots')
          : no('dots')
        : context.same(item, p[i]!, context),
    ),
  );
}

/** Every member of one has its equal in the other. In lists of numbers each counts once; in sets repetition says nothing. */
export function sameUnordered(g: readonly Node[], p: readonly Node[], repeated: boolean, context: Context): Match {
  if (!repeated && g.length !== p.length) return no('number of items');
  const used = new Array<boolean>(p.length).fill(false);
  let open = false;
  for (const item of g) {
    let found = -1;
    for (let j = 0; j < p.length && found < 0; j++) {
      if (used[j] && !repeated) continue;
      const match = context.same(item, p[j]!, context);
      if (match.equal === true) found = j;
      else if (match.equal === undefined) open = true;
    }
    if (found < 0) return open ? unknown('set') : no('set');
    used[found] = true;
  }
  if (repeated) {
    for (let j = 0; j < p.length; j++) {
      if (!used[j] && !g.some((item) => context.same(item, p[j]!, context).equal === true)) return no('set');
    }
  }
  return yes('set');
}

/** (a, b) against (a, b), also with ± inside, and with one parameter under another name when only one side says what it is. */
export function sameTuple(gold: Node, prediction: Node, context: Context): Match {
  if (gold.k !== 'tuple' || prediction.k !== 'tuple') return no('tuple');
  if (gold.args.length !== prediction.args.length) return no('tuple');
  if (gold.args.length === 2 && (gold.open !== prediction.open || gold.close !== prediction.close))
    return no('interval');
  return sameSequence(gold.args, prediction.args, context).equal === true
    ? yes('tuple')
    : sameSequence(gold.args, prediction.args, context);
}

/** The prediction with the one symbol that the truth lacks renamed to the one that it lacks; undefined when there isn't one each. */
export function renamed(gold: Node, prediction: Node): Node | undefined {
  const [g, p] = [symbols(gold), symbols(prediction)];
  const [missing, extra] = [[...g].filter((name) => !p.has(name)), [...p].filter((name) => !g.has(name))];
  if (missing.length !== 1 || extra.length !== 1) return undefined;
  return substitute(prediction, extra[0]!, { k: 'sym', name: missing[0]! });
}
