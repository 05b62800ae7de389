/** How a base is trained: the plan, and rates that fall once it has learned its task. Runs in a browser too. */
import type { Params } from '@svo/models';
import { supervisedPlan } from '@svo/recipes';
import { adamw, chain, clipByGlobalNorm, type Optimizer } from '@svo/train';
import type { BaseRecipe, Gate } from '../tasks/task.ts';
import { type Answered, type Desk, drawAnswers } from './draw-responses.ts';
import { countKinds, shareRight } from './steps.ts';

/** Shares of the plain and of the merged steps that are right. */
export interface Shares {
  readonly plain: number;
  readonly merged: number;
}

/** Worked solutions in batches, as many as the recipe's updates and its cooling take. */
export function basePlan({ task, learner, options }: Desk): ReturnType<typeof supervisedPlan> {
  const { gate, updates, batchSize, learningRate } = task.base;
  const most = gate === undefined ? updates : updates + gate.cooling;
  const settings = { beta: 0, batchSize, learningRate, updates: most };
  return supervisedPlan(
    { learner, settings, seed: options.seed },
    task.solutions.map(({ question, solution }) => ({ prompt: question.prompt, steps: solution })),
  );
}

/** AdamW at a rate of one's own. */
export function baseOptimizer({ weightDecay }: BaseRecipe, rate: (step: number) => number): Optimizer {
  return chain(clipByGlobalNorm(1), adamw({ learningRate: rate, beta2: 0.98, weightDecay }));
}

/** The rate of an update: it stays where it is until `from`, when it begins to fall to a tenth. */
export function cooledRate({ learningRate }: BaseRecipe, { cooling }: Gate, step: number, from?: number): number {
  const warm = Math.min(1, (step + 1) / 50);
  const cooled = from === undefined ? 0 : Math.min(1, Math.max(0, step - from) / cooling);
  return learningRate * warm * (1 - 0.9 * cooled);
}

/** Whether the rate begins to fall here: the model does plain steps right, or has had all the updates there are. */
export const coolsFrom = ({ updates }: BaseRecipe, { begin }: Gate, step: number, { plain }: Shares): boolean =>
  plain >= begin || step >= updates;

/** What share of the plain and of the merged steps a model gets right, sampled on the gate's questions. */
export async function lookThrough(desk: Desk, { questions }: Gate, params: Params): Promise<Shares> {
  const answered: Answered[] = [];
  for await (const one of drawAnswers(desk, params, questions, 'sampled')) answered.push(one);
  const counts = countKinds(desk.task, answered);
  return counts === undefined
    ? { plain: 0, merged: 0 }
    : { plain: shareRight(counts.plain), merged: shareRight(counts.merged) };
}
