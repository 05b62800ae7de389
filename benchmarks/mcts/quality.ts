/**
 * What leaves in flight cost a search: error of V(s_0) and regret of the step it would take, on planted trees whose values
 * are known exactly, against the number of expansions, with 1, 2, 4 and 8 leaves of a tree in flight.
 *
 *     node --conditions=@svo/source benchmarks/mcts/quality.ts
 */

import {
  ask,
  createTree,
  dvoSearch,
  firstPlayParent,
  puct,
  type Rules,
  requestFor,
  softBackup,
  stateOf,
  type Tree,
  tell,
} from '@svo/mcts';
import { initialState, transition } from '@svo/mdp';
import { plantedTree } from '@svo/policy/testing';
import { record } from './measure.ts';

const TREES = 300;
const MARKS = [10, 20, 40, 80, 160];
const planted = plantedTree({ seed: 3, branching: 5, depth: 5, minDepth: 4, successRate: 0.3 });
const preset: Rules = {
  ...dvoSearch({ verifier: planted.verifier, iterations: MARKS.at(-1)! }),
  select: puct({ c: 1.5, firstPlay: firstPlayParent }),
};

interface Mark {
  /** |V(s_0) − V^π(s_0)|. */
  readonly valueError: number;
  /** max_a V^π(s_1) − V^π(s_1) of the child valued most: what the policy would lose by going on from there. */
  readonly regret: number;
  /** The same of the child visited most. */
  readonly regretByVisits: number;
}

const judge = (tree: Tree, index: number): Mark => {
  const question = planted.question(index);
  const root = initialState(question);
  const first = tree.firstChildren[0]!;
  const children = Array.from({ length: tree.childCounts[0]! }, (_, k) => first + k);
  const worth = (choose: (a: number, b: number) => boolean): number => {
    const chosen = children.reduce((best, child) => (choose(child, best) ? child : best));
    return planted.value(transition(root, stateOf(tree, chosen).steps[0]!));
  };
  const steps = planted.probabilities(root).map((_, branch) => transition(root, planted.step(root, branch)));
  const best = Math.max(...steps.map((state) => planted.value(state)));
  const { visits, values } = tree;
  const score = (child: number): number => (visits[child]! > 0 ? values[child]! : -2);
  return {
    valueError: Math.abs(values[0]! - planted.value(root)),
    regret: best - worth((a, b) => score(a) > score(b)),
    regretByVisits: best - worth((a, b) => visits[a]! > visits[b]!),
  };
};

/** One search with `leaves` in flight, answers in the order of the asks; a mark at each number of answers. */
const run = async (
  index: number,
  leaves: number,
  rules: Rules = preset,
): Promise<{ marks: Mark[]; wasted: number }> => {
  const tree = createTree(planted.question(index), { seed: 1 });
  const queue: number[] = [];
  const handed = new Set<number>();
  const marks: Mark[] = [];
  let wasted = 0;
  for (let answered = 0; marks.length < MARKS.length; ) {
    for (let leaf: number | undefined; queue.length < leaves; queue.push(leaf)) {
      leaf = ask(tree, rules);
      if (leaf === undefined) break;
      if (handed.has(leaf)) wasted++;
      handed.add(leaf);
    }
    const leaf = queue.shift();
    if (leaf === undefined) {
      // Exhausted before the last mark: it stays as it is.
      while (marks.length < MARKS.length) marks.push(judge(tree, index));
      break;
    }
    tell(tree, rules, leaf, await planted.policy.propose(requestFor(tree, rules, leaf)));
    answered++;
    if (MARKS.includes(answered)) marks.push(judge(tree, index));
  }
  return { marks, wasted };
};

const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;
const deviation = (numbers: readonly number[]): number =>
  Math.sqrt(mean(numbers.map((x) => (x - mean(numbers)) ** 2)) / (numbers.length - 1));
const digits = (x: number): number => Number(x.toFixed(4));

const sequential: Mark[][] = [];
const rows: Record<string, unknown>[] = [];
for (const leaves of [1, 2, 4, 8]) {
  const all: Mark[][] = [];
  let wasted = 0;
  for (let index = 0; index < TREES; index++) {
    const { marks, wasted: again } = await run(index, leaves);
    all.push(marks);
    wasted += again;
  }
  if (leaves === 1) sequential.push(...all);
  MARKS.forEach((expansions, at) => {
    const difference = (of: keyof Mark): { mean: number; standardError: number } => {
      const numbers = all.map((marks, index) => marks[at]![of] - sequential[index]![at]![of]);
      return { mean: digits(mean(numbers)), standardError: digits(deviation(numbers)) };
    };
    rows.push({
      leaves,
      expansions,
      valueError: digits(mean(all.map((marks) => marks[at]!.valueError))),
      regret: digits(mean(all.map((marks) => marks[at]!.regret))),
      regretByVisits: digits(mean(all.map((marks) => marks[at]!.regretByVisits))),
      ...(leaves === 1
        ? {}
        : { errorAboveSequential: difference('valueError'), regretAboveSequential: difference('regret') }),
      expandedTwice: wasted,
    });
  });
}
/** The same search with values over draws (β → ∞) instead of over visits: closer to the policy's own value? */
const overDraws: Mark[][] = [];
for (let index = 0; index < TREES; index++) {
  overDraws.push((await run(index, 1, { ...preset, backup: softBackup({ beta: 1000 }) })).marks);
}
const backups = MARKS.map((expansions, at) => ({
  expansions,
  visitWeighted: digits(mean(sequential.map((marks) => marks[at]!.valueError))),
  overDraws: digits(mean(overDraws.map((marks) => marks[at]!.valueError))),
}));
console.table(backups);
console.table(
  rows.map(({ leaves, expansions, valueError, regret, regretByVisits }) => ({
    leaves,
    expansions,
    valueError,
    regret,
    regretByVisits,
  })),
);
record('quality', {
  trees: TREES,
  marks: MARKS,
  tree: 'planted, branching 5, depth 4 or 5',
  rows,
  valueErrorByBackup: backups,
});
