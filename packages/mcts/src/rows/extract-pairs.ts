import { assertOptions, createRng, type PairKind, type StepPair, splitRng, uniforms } from '@svo/mdp';
import { unlessEmpty } from '../tree/draws.ts';
import { HAS_NEGATIVE, HAS_POSITIVE, outcomeLabels } from '../tree/labels.ts';
import { drawsTo, pathTo, promptOf, responseTo, stepsTo } from '../tree/path.ts';
import { KIND, TERMINAL } from '../tree/status.ts';
import { countedTerminals, isStep, meanVisits } from '../tree/terminals.ts';
import { textAt } from '../tree/texts.ts';
import type { Tree } from '../tree/tree.ts';

/** Settings of {@link extractPairs}. */
export interface ExtractPairsOptions {
  /** Negatives a positive step takes of each kind: 2 siblings, 1 cousin, 1 terminal. */
  readonly quotas?: Partial<Readonly<Record<PairKind, number>>>;
  /**
   * Whether a `terminal` may lie below the chosen step itself: false. Such an end never competes with the step, since a beam that
   * has it has taken the step; Algorithm 1 does not rule it out.
   */
  readonly descendants?: boolean;
  /**
   * The most solutions of a question whose steps are positive: all. Equal ones count once, and those whose path was visited most
   * come first. The paper has 3.7 positive trajectories a question (`svpoPairs` has 4).
   */
  readonly positives?: number;
  /** How much larger the chosen value must be than the rejected one; more than 0 in any case. 0. */
  readonly margin?: number;
  /** Orders negatives that are otherwise alike. 0. */
  readonly seed?: number;
}

const QUOTAS: Readonly<Record<PairKind, number>> = { sibling: 2, cousin: 1, terminal: 1 };

/**
 * Step pairs by SVPO's Algorithm 1. Every node is labelled by the terminals below it; every step of a path to a positive
 * terminal is a positive step, taken once, from the root down; it is paired with steps that lead to negative terminals
 * only: siblings (same parent), cousins (same depth, another parent) and terminals of another depth, up to a quota of each.
 *
 * Among negatives of a kind, those used least so far come first, then those visited most, then by the seed. Only siblings
 * share a prefix: each side of a pair carries its own. A wrong end below the chosen step is no rival of it and is left out
 * (`descendants`), and so is a failure of the model's, which has no step to score.
 *
 * @param trees a tree, or the trees of one question, over which `positives` counts
 * @returns pairs, tree by tree in the order of the chosen steps' depth; chosen.value > rejected.value in each
 * @throws RangeError for a quota that is no count, a negative margin, an unknown option, or trees of several questions
 * @example
 * ```ts
 * import type { Candidate, Verifier } from '@svo/mdp';
 * import { ask, createTree, extractPairs, svpoSearch, tell, uniformPrior } from '@svo/mcts';
 * const verifier: Verifier = (_, response) => ({ equivalent: response.includes('5'), how: 'test' });
 * const rules = svpoSearch({ verifier, prior: uniformPrior });
 * const tree = createTree({ id: 'q1', prompt: '2 + 3?' });
 * const answer = (text: string): Candidate => ({ text, count: 1, finish: 'answer' });
 * tell(tree, rules, ask(tree, rules)!, [answer('5'), answer('6')]);
 * extractPairs(tree).map(({ kind, chosen, rejected }) => [kind, chosen.step, rejected.step]); // => [['sibling', '5', '6']]
 * ```
 */
export function extractPairs(trees: Tree | readonly Tree[], options: ExtractPairsOptions = {}): StepPair[] {
  const settings = settled(options);
  const all = 'parents' in trees ? [trees] : trees;
  const ids = new Set(all.map((tree) => tree.question.id));
  if (ids.size > 1) {
    throw new RangeError(`extractPairs: trees must be of one question, got ${[...ids].slice(0, 5).join(', ')}`);
  }
  const learnt = new Set<string>();
  return all.flatMap((tree) => pairsOf(tree, settings, learnt));
}

const KINDS: readonly PairKind[] = ['sibling', 'cousin', 'terminal'];
const KNOWN: readonly (keyof ExtractPairsOptions)[] = ['quotas', 'descendants', 'positives', 'margin', 'seed'];

type Settings = Required<ExtractPairsOptions> & { readonly quotas: Readonly<Record<PairKind, number>> };

const settled = (options: ExtractPairsOptions): Settings => {
  assertOptions('extractPairs', options, KNOWN);
  assertOptions('extractPairs quotas', options.quotas ?? {}, KINDS);
  const { descendants = false, positives = Number.POSITIVE_INFINITY, margin = 0, seed = 0 } = options;
  const quotas = { ...QUOTAS, ...options.quotas };
  for (const [kind, quota] of Object.entries(quotas)) {
    if (!Number.isInteger(quota) || quota < 0) {
      throw new RangeError(`extractPairs: quotas.${kind} must be a non-negative integer, got ${quota}`);
    }
  }
  if (!(positives >= 1)) throw new RangeError(`extractPairs: positives must be at least 1, got ${positives}`);
  if (!(margin >= 0)) throw new RangeError(`extractPairs: margin must be at least 0, got ${margin}`);
  return { quotas, descendants, positives, margin, seed };
};

/** A tree's pairs; `learnt` are the solutions of the question taken so far. */
const pairsOf = (tree: Tree, settings: Settings, learnt: Set<string>): StepPair[] => {
  const labels = outcomeLabels(tree);
  const pools = poolsOf(tree, labels, settings);
  const sides = sidesOf(tree);
  const pairs: StepPair[] = [];
  for (const positive of positiveSteps(tree, labels, settings.positives, learnt)) {
    for (const kind of KINDS) {
      for (const negative of pools.take(kind, positive)) {
        pairs.push({
          questionId: tree.question.id,
          prompt: promptOf(tree),
          kind,
          chosen: sides(positive),
          rejected: sides(negative),
        });
      }
    }
  }
  return pairs;
};

/** Every node on a path to a positive terminal, top-down; a stable sort by depth of what is nearly sorted already. */
const positiveSteps = (tree: Tree, labels: Uint8Array, most: number, learnt: Set<string>): number[] => {
  const taken = most === Number.POSITIVE_INFINITY ? undefined : stepsOfSolutions(tree, most, learnt);
  const nodes: number[] = [];
  for (let node = 1; node < tree.size; node++) {
    if ((labels[node]! & HAS_POSITIVE) !== 0 && taken?.has(node) !== false) nodes.push(node);
  }
  return nodes.sort((a, b) => tree.depths[a]! - tree.depths[b]!);
};

/** The steps of the solutions visited most, as many as the question has room for. */
const stepsOfSolutions = (tree: Tree, most: number, learnt: Set<string>): ReadonlySet<number> => {
  const solutions = countedTerminals(tree)
    .filter((node) => tree.values[node]! > 0)
    .map((node) => ({ node, visits: meanVisits(tree, node) }))
    .sort((a, b) => b.visits - a.visits);
  const steps = new Set<number>();
  for (const { node } of solutions) {
    const text = responseTo(tree, node).trim();
    if (learnt.size >= most || learnt.has(text)) continue;
    learnt.add(text);
    for (const step of pathTo(tree, node).slice(1)) steps.add(step);
  }
  return steps;
};

interface Pools {
  readonly take: (kind: PairKind, positive: number) => number[];
}

/** Negative steps by depth, best first, and how often each was used. */
const poolsOf = (tree: Tree, labels: Uint8Array, { quotas, descendants, margin, seed }: Settings): Pools => {
  const { parents, depths, values, visits, statuses } = tree;
  const used = new Uint32Array(tree.size);
  const ties = uniforms(splitRng(splitRng(createRng(seed), 'pairs'), tree.question.id), tree.size);
  const byDepth: number[][] = [];
  const terminals: number[] = [];
  for (let node = 1; node < tree.size; node++) {
    if (labels[node] !== HAS_NEGATIVE || !isStep(tree, node)) continue;
    byDepth[depths[node]!] ??= [];
    byDepth[depths[node]!]!.push(node);
    if ((statuses[node]! & KIND) === TERMINAL) terminals.push(node);
  }
  const better = (a: number, b: number): boolean => {
    if (used[a] !== used[b]) return used[a]! < used[b]!;
    if (visits[a] !== visits[b]) return visits[a]! > visits[b]!;
    return ties[a]! < ties[b]!;
  };
  const fits = (kind: PairKind, positive: number, node: number): boolean => {
    if (kind === 'terminal') {
      return depths[node] !== depths[positive] && (descendants || !isBelow(tree, node, positive));
    }
    if (kind === 'cousin') return parents[node] !== parents[positive];
    // One text may stand twice under a parent, once cut off and once whole: not a pair to learn from.
    return (
      parents[node] === parents[positive] && textAt(tree.texts, node).trim() !== textAt(tree.texts, positive).trim()
    );
  };
  return {
    take: (kind, positive) => {
      const quota = quotas[kind];
      const pool = kind === 'terminal' ? terminals : (byDepth[depths[positive]!] ?? []);
      const limit = values[positive]! - margin;
      const taken: number[] = [];
      for (; taken.length < quota; ) {
        let best = -1;
        for (const node of pool) {
          if (!(values[node]! < values[positive]! && values[node]! <= limit) || !fits(kind, positive, node)) continue;
          if ((best === -1 || better(node, best)) && !taken.includes(node)) best = node;
        }
        if (best === -1) break;
        used[best]!++;
        taken.push(best);
      }
      return taken;
    },
  };
};

/** Whether a node lies below another one. */
const isBelow = ({ parents, depths }: Tree, node: number, above: number): boolean => {
  let s = node;
  while (depths[s]! > depths[above]!) s = parents[s]!;
  return s === above;
};

/** A node as a side of a pair; nodes of one parent share the prefix array. */
const sidesOf = (tree: Tree): ((node: number) => StepPair['chosen']) => {
  const prefixes = new Map<number, readonly string[]>();
  return (node) => {
    const parent = tree.parents[node]!;
    let prefix = prefixes.get(parent);
    if (prefix === undefined) {
      prefix = stepsTo(tree, parent);
      prefixes.set(parent, prefix);
    }
    const side = { prefix, step: textAt(tree.texts, node), value: tree.values[node]! };
    return tree.draws === undefined ? side : { ...side, ...unlessEmpty(drawsTo(tree, node)) };
  };
};
