import { assertOptions, createRng, type PairKind, type StepPair, splitRng, uniforms } from '@svo/mdp';
import { HAS_NEGATIVE, HAS_POSITIVE, outcomeLabels } from '../tree/labels.ts';
import { promptOf, stepsTo } from '../tree/path.ts';
import { KIND, TERMINAL } from '../tree/status.ts';
import { textAt } from '../tree/texts.ts';
import type { Tree } from '../tree/tree.ts';

/** Settings of {@link extractPairs}. */
export interface ExtractPairsOptions {
  /** Negatives a positive step takes of each kind: 2 siblings, 1 cousin, 1 terminal. */
  readonly quotas?: Partial<Readonly<Record<PairKind, number>>>;
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
 * share a prefix: each side of a pair carries its own.
 *
 * @returns pairs in the order of the chosen steps' depth; chosen.value > rejected.value in each
 * @throws RangeError for a quota that is no count, or a negative margin
 * @example
 * ```ts
 * import { ask, createTree, extractPairs, svpoSearch, tell, uniformPrior } from '@svo/mcts';
 * const verifier = (question, response) => ({ equivalent: response.includes('5'), how: 'test' });
 * const rules = svpoSearch({ verifier, prior: uniformPrior });
 * const tree = createTree({ id: 'q1', prompt: '2 + 3?' });
 * const answer = (text) => ({ text, count: 1, finish: 'answer' });
 * tell(tree, rules, ask(tree, rules), [answer('5'), answer('6')]);
 * extractPairs(tree).map(({ kind, chosen, rejected }) => [kind, chosen.step, rejected.step]); // => [['sibling', '5', '6']]
 * ```
 */
export function extractPairs(tree: Tree, options: ExtractPairsOptions = {}): StepPair[] {
  assertOptions('extractPairs', options, ['quotas', 'margin', 'seed']);
  const { margin = 0, seed = 0 } = options;
  assertOptions('extractPairs quotas', options.quotas ?? {}, KINDS);
  const quotas = { ...QUOTAS, ...options.quotas };
  for (const [kind, quota] of Object.entries(quotas)) {
    if (!Number.isInteger(quota) || quota < 0) {
      throw new RangeError(`extractPairs: quotas.${kind} must be a non-negative integer, got ${quota}`);
    }
  }
  if (!(margin >= 0)) throw new RangeError(`extractPairs: margin must be at least 0, got ${margin}`);
  const labels = outcomeLabels(tree);
  const pools = poolsOf(tree, labels, seed);
  const sides = sidesOf(tree);
  const pairs: StepPair[] = [];
  for (const positive of positiveSteps(tree, labels)) {
    for (const kind of KINDS) {
      for (const negative of pools.take(kind, positive, quotas[kind], margin)) {
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
}

const KINDS: readonly PairKind[] = ['sibling', 'cousin', 'terminal'];

/** Every node on a path to a positive terminal, top-down; a stable sort by depth of what is nearly sorted already. */
const positiveSteps = (tree: Tree, labels: Uint8Array): number[] => {
  const nodes: number[] = [];
  for (let node = 1; node < tree.size; node++) if ((labels[node]! & HAS_POSITIVE) !== 0) nodes.push(node);
  return nodes.sort((a, b) => tree.depths[a]! - tree.depths[b]!);
};

interface Pools {
  readonly take: (kind: PairKind, positive: number, quota: number, margin: number) => number[];
}

/** Negative steps by depth, best first, and how often each was used. */
const poolsOf = (tree: Tree, labels: Uint8Array, seed: number): Pools => {
  const { parents, depths, values, visits, statuses } = tree;
  const used = new Uint32Array(tree.size);
  const ties = uniforms(splitRng(splitRng(createRng(seed), 'pairs'), tree.question.id), tree.size);
  const byDepth: number[][] = [];
  const terminals: number[] = [];
  for (let node = 1; node < tree.size; node++) {
    if (labels[node] !== HAS_NEGATIVE) continue;
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
    if (kind === 'terminal') return depths[node] !== depths[positive];
    if (kind === 'cousin') return parents[node] !== parents[positive];
    // One text may stand twice under a parent, once cut off and once whole: not a pair to learn from.
    return (
      parents[node] === parents[positive] && textAt(tree.texts, node).trim() !== textAt(tree.texts, positive).trim()
    );
  };
  return {
    take: (kind, positive, quota, margin) => {
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
    return { prefix, step: textAt(tree.texts, node), value: tree.values[node]! };
  };
};
