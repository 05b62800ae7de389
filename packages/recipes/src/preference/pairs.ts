import { type PairExample, tokenizePair } from '@svo/data';
import { dpoLoss, stepDpoLoss } from '@svo/losses';
import { extractPairs } from '@svo/mcts';
import type { Material, PairRow, Plan } from '../plan.ts';
import { byQuestion } from '../shared/by-question.ts';
import { type Pairs, pairPlan } from './pair-plan.ts';

/**
 * DPO: right responses against wrong ones to the same question, in the order they were drawn (2305.18290, eq. 7), and the
 * material's own pairs.
 */
export function dpoPlan(material: Material): Promise<Plan<Pairs>> {
  return pairPlan(material, responsePairs(material), dpoLoss, {});
}

/** Step-DPO: sibling steps of the trees, the better one first (2406.18629), and the material's own pairs. */
export function stepDpoPlan(material: Material): Promise<Plan<Pairs>> {
  const { trees, pairs = [], seed, learner } = material;
  const siblings = trees.flatMap((tree) => extractPairs(tree, { seed })).filter(({ kind }) => kind === 'sibling');
  const examples = [...siblings, ...pairs].map((pair) =>
    tokenizePair(pair, learner.tokenizer, { scoreDelimiters: false }),
  );
  return pairPlan(material, examples, stepDpoLoss, {});
}

/** Whole responses, right against wrong, and the material's own pairs. */
export function responsePairs({ trajectories, pairs = [], learner }: Material): PairExample[] {
  const drawn = byQuestion(trajectories).flatMap((group): PairRow[] => {
    const right = group.filter(({ reward }) => reward > 0);
    const wrong = group.filter(({ reward }) => reward < 0);
    return right.slice(0, wrong.length).map((chosen, i) => ({
      questionId: chosen.questionId,
      prompt: chosen.prompt,
      chosen: chosen.steps.join(''),
      rejected: wrong[i]!.steps.join(''),
      ...(chosen.draws && wrong[i]!.draws && { draws: { chosen: chosen.draws, rejected: wrong[i]!.draws } }),
    }));
  });
  return [...drawn, ...pairs].map((pair) => tokenizePair(pair, learner.tokenizer));
}
