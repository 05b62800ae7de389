import { leavesValues } from '@svo/recipes';
import type { SvoConfig } from '../config/config.ts';
import { defaults } from '../config/defaults.ts';
import { UsageError } from '../errors.ts';
import { type QuestionPlan, questionPlan } from '../stages/questions.ts';
import type { TrainJob } from '../stages/train-job.ts';
import { type EvalPlan, evaluationOf } from './eval-plan.ts';
import { type SearchPlan, searchPlanOf } from './search-plan.ts';
import { learningOf, type There } from './there.ts';

/** Rounds of search, training and measurement, settled. */
export interface RunPlan extends Omit<SearchPlan, 'model'> {
  /** What learns. */
  readonly model: string;
  readonly there: There | undefined;
  /** Whether somebody else draws the solutions, the same in every round. */
  readonly elsewhere: boolean;
  readonly train: TrainJob;
  readonly rounds: number;
  /** What it is measured on, if anything. */
  readonly test: QuestionPlan | undefined;
  readonly evaluation: EvalPlan['evaluation'];
}

/** @throws UsageError naming the key that is missing or wrong */
export function runPlanOf(config: SvoConfig): RunPlan {
  const { model, there, job } = learningOf({ objective: 'dvo', ...config });
  const { rounds = defaults.rounds, test, objective } = config;
  if (objective !== undefined && leavesValues(objective))
    throw new UsageError(
      `objective: '${objective}' makes a value model of the policy, which can't go on searching; svo search, then svo train`,
    );
  return {
    ...searchPlanOf({ out: 'runs/run', ...config }),
    ...{ model, there, elsewhere: config.policy !== undefined && config.policy !== model },
    train: job,
    rounds,
    test: test === undefined ? undefined : questionPlan('test', config, config.eval?.questions),
    evaluation: evaluationOf(config.eval),
  };
}
