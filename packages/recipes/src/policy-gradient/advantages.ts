import {
  advantageRows,
  leafMeans,
  minFormAdvantages,
  progressAdvantages,
  stateOf,
  type Tree,
  tempoAdvantages,
  treeGrpoAdvantages,
} from '@svo/mcts';
import type { ValuedTrajectory } from '@svo/mdp';
import type { Material } from '../plan.ts';
import { byQuestion } from '../shared/by-question.ts';
import { credited } from '../shared/credited.ts';

/** The advantages of the steps of each trajectory of a material. */
export type Advantages = (
  material: Pick<Material, 'trajectories' | 'trees'>,
) => (trajectory: ValuedTrajectory) => readonly number[];

/** A trajectory's credits as they are. */
export const asCredited: Advantages = (material) => {
  credited('policyGradientPlan', material);
  return ({ credits }) => credits;
};

/** Every response against the others of its question, the same number for all its steps. */
export const amongResponses = (of: (rewards: readonly number[]) => readonly number[]): Advantages =>
  amongTrajectories((group) => {
    const own = of(group.map(({ reward }) => reward));
    return group.map(({ steps }, i) => steps.map(() => own[i]!));
  });

/** The steps of all trajectories of a question, against each other. */
const amongTrajectories =
  (of: (group: readonly ValuedTrajectory[]) => readonly (readonly number[])[]): Advantages =>
  ({ trajectories }) => {
    const advantages = new Map<ValuedTrajectory, readonly number[]>();
    for (const group of byQuestion(trajectories)) {
      const own = of(group);
      for (const [i, trajectory] of group.entries()) advantages.set(trajectory, own[i]!);
    }
    return (trajectory) => advantages.get(trajectory)!;
  };

/** Tree-GRPO: against all of its question, and against those that began with the same step, which are a tree. */
export const asTreeGrpo: Advantages = amongTrajectories((group) => {
  const firsts = [...new Set(group.map(({ steps }) => steps[0]))];
  const trees = firsts.map((first) => group.filter(({ steps }) => steps[0] === first));
  const advantages = treeGrpoAdvantages(trees.map((tree) => tree.map(({ reward }) => reward)));
  return group.map((trajectory) => {
    const tree = firsts.indexOf(trajectory.steps[0]);
    const own = advantages[tree]![trees[tree]!.indexOf(trajectory)]!;
    return trajectory.steps.map(() => own);
  });
});

/** PURE in the trees' own process rewards, V after each step, the outcome after the last: as good as the worst that follows. */
export const asPure: Advantages = (material) => {
  credited('pure', material);
  return amongTrajectories((group) =>
    minFormAdvantages(
      group.map(({ steps, values, reward }) => steps.map((_, t) => (t + 1 < steps.length ? values[t + 1]! : reward))),
    ),
  )(material);
};

/** Every step by what the trees of its question say of it, one number a node. */
export const inTrees = (name: string, of: (tree: Tree) => ArrayLike<number>): Advantages =>
  found(name, (tree) => advantageRows(tree, of(tree)).map(({ steps, advantages }) => [steps, advantages]));

/** How much a prover's progress counts beside the policy's own: the paper's α is from 3 to 5. */
const progressWeight = 3;

/** PAV: what a step changed for the policy, and α times what it changed for the best of four. */
export const asProgress: Advantages = inTrees('pav', (tree) => {
  const values = leafMeans(tree);
  const best = progressAdvantages(tree, { values });
  return progressAdvantages(tree, { values, attempts: 1 }).map((own, node) => own + progressWeight * best[node]!);
});

/** TEMPO: GRPO's signal in a tree, corrected where it branches. */
export const asTempo: Advantages = found('tempo', (tree) =>
  tempoAdvantages(tree).map(({ terminal, advantages }) => [stateOf(tree, terminal).steps, advantages]),
);

/** Looks trajectories up among the responses of their question's trees; the first tree that has one says. */
function found(
  name: string,
  of: (tree: Tree) => readonly (readonly [steps: readonly string[], advantages: readonly number[]])[],
): Advantages {
  return ({ trees }) => {
    const known = new Map<string, readonly number[]>();
    const keyOf = (questionId: string, steps: readonly string[]): string => JSON.stringify([questionId, steps]);
    for (const tree of trees)
      for (const [steps, advantages] of of(tree)) {
        const key = keyOf(tree.question.id, steps);
        if (!known.has(key)) known.set(key, advantages);
      }
    return ({ questionId, steps }) => {
      const advantages = known.get(keyOf(questionId, steps));
      if (advantages === undefined)
        throw new RangeError(
          `${name}: the trees of question '${questionId}' must hold every trajectory, and one is in none of them (take trajectories from the trees)`,
        );
      return advantages;
    };
  };
}
