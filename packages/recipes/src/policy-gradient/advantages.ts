import { advantageRows, stateOf, type Tree, tempoAdvantages } from '@svo/mcts';
import type { ValuedTrajectory } from '@svo/mdp';
import type { Material } from '../plan.ts';
import { byQuestion } from '../shared/by-question.ts';

/** The advantages of the steps of each trajectory of a material. */
export type Advantages = (
  material: Pick<Material, 'trajectories' | 'trees'>,
) => (trajectory: ValuedTrajectory) => readonly number[];

/** A trajectory's credits as they are. */
export const asCredited: Advantages =
  () =>
  ({ credits }) =>
    credits;

/** Every response against the others of its question, the same number for all its steps. */
export const amongResponses =
  (of: (rewards: readonly number[]) => readonly number[]): Advantages =>
  ({ trajectories }) => {
    const advantages = new Map<ValuedTrajectory, number>();
    for (const group of byQuestion(trajectories)) {
      const own = of(group.map(({ reward }) => reward));
      for (const [i, trajectory] of group.entries()) advantages.set(trajectory, own[i]!);
    }
    return (trajectory) => trajectory.steps.map(() => advantages.get(trajectory)!);
  };

/** Every step by what the trees of its question say of it, one number a node. */
export const inTrees = (name: string, of: (tree: Tree) => ArrayLike<number>): Advantages =>
  found(name, (tree) => advantageRows(tree, of(tree)).map(({ steps, advantages }) => [steps, advantages]));

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
