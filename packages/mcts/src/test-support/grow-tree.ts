/** Trees for this package's own tests: grown by a seeded script, without a model. Not exported. */
import { type Candidate, createRng, type Rng, splitRng, uniforms } from '@svo/mdp';
import { ARRAY_NAMES } from '../files/tree-file.ts';
import { svpoSearch } from '../rules/presets.ts';
import type { Rules } from '../rules/rules.ts';
import { ask } from '../search/ask/ask.ts';
import { tell } from '../search/tell/tell.ts';
import { drawAt } from '../tree/draws.ts';
import { textAt } from '../tree/texts.ts';
import { createTree, type Tree } from '../tree/tree.ts';

const FINISHES = ['step', 'step', 'step', 'step', 'answer', 'answer', 'length', 'error'] as const;

/** Five candidates of all kinds from a stream. */
export function drawCandidates(rng: Rng, texts?: readonly string[], words: number = 1000): Candidate[] {
  const numbers = uniforms(rng, 20);
  return Array.from({ length: 5 }, (_, k) => {
    const [kind, text, a, b] = numbers.subarray(4 * k);
    const finish = texts === undefined ? FINISHES[Math.floor(kind! * 8)]! : 'step';
    return {
      text: texts?.[k % texts.length] ?? `step ${Math.floor(text! * words)}\n\n`,
      logps: [-a!, -3 * b!],
      count: 1,
      finish,
      ...(finish === 'error' ? { failure: { kind: 'timeout', message: 'took too long' } } : {}),
    };
  });
}

/** Rules under which about half of the answers are right. */
export const testRules: Rules = svpoSearch({
  iterations: 1e9,
  depth: 12,
  verifier: Object.assign(
    (_question: unknown, response: string) => ({ equivalent: response.length % 2 === 0, how: 'test' }),
    { id: 'even length' },
  ),
});

/** Grows a tree by some iterations, and leaves some leaves in flight. */
export function growTree(options: {
  readonly seed: number;
  readonly iterations: number;
  readonly inFlight: number;
  readonly rules?: Rules;
  readonly tree?: Tree;
  readonly texts?: readonly string[];
  /** How many different steps there are: 1,000, so that some are drawn twice. */
  readonly words?: number;
}): Tree {
  const { seed, iterations, inFlight, rules = testRules, texts, words } = options;
  const tree = options.tree ?? createTree({ id: `q${seed}`, prompt: 'What is 2 + 3?' }, { seed, capacity: 1 });
  const rng = createRng(seed);
  for (let i = 0; i < iterations; i++) {
    const leaf = ask(tree, rules);
    if (leaf === undefined) break;
    tell(tree, rules, leaf, drawCandidates(splitRng(rng, leaf), texts, words));
  }
  for (let i = 0; i < inFlight; i++) ask(tree, rules);
  return tree;
}

/** Everything a tree is, comparable: bits, not printed numbers. */
export function treeContent(tree: Tree): Record<string, unknown> & { readonly texts: readonly string[] } {
  const arrays = Object.fromEntries(ARRAY_NAMES.map((name) => [name, [...tree[name].subarray(0, tree.size)]]));
  const { question, seed, prefix, size, failures, lostAnswers, iterations, inFlight, solutions, usage } = tree;
  const texts = Array.from({ length: size }, (_, node) => textAt(tree.texts, node));
  return {
    ...arrays,
    texts,
    draws: tree.draws === undefined ? undefined : Array.from({ length: size }, (_, node) => drawAt(tree.draws, node)),
    prefixDraws: tree.prefixDraws,
    question,
    seed,
    prefix,
    size,
    failures: [...failures],
    lostAnswers: [...lostAnswers],
    iterations,
    inFlight,
    solutions,
    usage,
  };
}
