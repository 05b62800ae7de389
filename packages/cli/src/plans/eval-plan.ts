import type { EvalConfig, ServerConfig, SvoConfig } from '../config/config.ts';
import { verifierName } from '../models/open-verifier.ts';
import { type Place, placeOf } from '../models/place.ts';
import type { QuestionPlan } from '../stages/questions.ts';
import { paths } from '../stages/read-data.ts';
import { required } from '../stages/required.ts';

/** A measurement, settled. */
export interface EvalPlan {
  readonly place: Place;
  readonly questions: QuestionPlan;
  readonly verifier: string;
  readonly evaluation: Required<Omit<EvalConfig, 'questions'>>;
  readonly server: ServerConfig;
  readonly seed: number;
  readonly out: string;
  readonly engine: Pick<SvoConfig, 'backend' | 'threads'>;
}

/** How a model is measured, with its defaults. */
export const evaluationOf = ({
  samples = 1,
  temperature = 0,
  maxTokens = 1024,
}: EvalConfig = {}): EvalPlan['evaluation'] => ({
  ...{ samples, temperature, maxTokens },
});

/** @throws UsageError naming the key that is missing or wrong */
export function evalPlanOf(config: SvoConfig): EvalPlan {
  const { seed = 1, out = 'runs/eval', backend = 'auto', threads, columns = {}, prompt = {} } = config;
  return {
    place: placeOf('model', required('model', config.model)),
    questions: { files: paths('test', config.test), columns, prompt, most: config.eval?.questions },
    verifier: verifierName(config.verifier),
    evaluation: evaluationOf(config.eval),
    server: serverOf(config),
    ...{ seed, out, engine: { backend, ...(threads !== undefined && { threads }) } },
  };
}

/** How a server is asked: as a chat where the prompt says so. */
export const serverOf = ({ server = {}, prompt = {} }: SvoConfig): ServerConfig =>
  prompt.chat === true ? { endpoint: 'chat', ...server } : server;

/** Questions asked together: some hundreds of rows keep the products large, or a server busy. */
export const togetherOf = (samples: number): number => Math.max(1, Math.floor(256 / samples));
