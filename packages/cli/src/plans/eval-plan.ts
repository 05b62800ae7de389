import type { EvalConfig, SvoConfig } from '../config/config.ts';
import { defaults } from '../config/defaults.ts';
import { verifierName } from '../models/open-verifier.ts';
import { isLocal, type Place, placeOf } from '../models/place.ts';
import { defined } from '../stages/defined.ts';
import { type QuestionPlan, questionPlan } from '../stages/questions.ts';
import { required } from '../stages/required.ts';
import { type GuidePlan, guideOf } from './guide-plan.ts';
import { type Running, runningOf } from './running.ts';
import { type ServerPlan, serverOf } from './server-plan.ts';

/** A measurement, settled. */
export interface EvalPlan extends Running {
  readonly place: Place;
  readonly questions: QuestionPlan;
  readonly verifier: string;
  readonly evaluation: Required<Pick<EvalConfig, 'samples' | 'temperature' | 'maxTokens'>>;
  /** A beam search instead of whole answers. */
  readonly guide?: GuidePlan | undefined;
  readonly server: ServerPlan;
}

/** How a model is measured, with its defaults. */
export const evaluationOf = ({ samples, temperature, maxTokens }: EvalConfig = {}): EvalPlan['evaluation'] => ({
  ...defaults.eval,
  ...defined({ samples, temperature, maxTokens }),
});

/** @throws UsageError naming the key that is missing or wrong */
export function evalPlanOf(config: SvoConfig): EvalPlan {
  const place = placeOf('model', required('model', config.model));
  return {
    place,
    questions: questionPlan('test', config, config.eval?.questions),
    verifier: verifierName(config),
    evaluation: evaluationOf(config.eval),
    guide: guideOf(config),
    server: serverOf(config, place),
    ...runningOf(config, 'runs/eval'),
  };
}

/** Questions asked together: some hundreds of rows keep the products large, or a server busy. */
export const togetherOf = (samples: number): number => Math.max(1, Math.floor(256 / samples));

/** Questions searched at once: those of a server by its requests in flight, those of a model that is here one by one, its steps together. */
export const searchedTogether = ({ place, server }: Pick<EvalPlan, 'place' | 'server'>): number =>
  isLocal(place) ? 1 : server.concurrency;
