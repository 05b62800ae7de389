import type { SearchConfig, ServerConfig, SvoConfig } from '../config/config.ts';
import { verifierName } from '../models/open-verifier.ts';
import { type Place, placeOf } from '../models/place.ts';
import type { QuestionPlan } from '../stages/questions.ts';
import { paths } from '../stages/read-data.ts';
import { required } from '../stages/required.ts';
import { serverOf } from './eval-plan.ts';

/** How solutions are drawn and valued, with its defaults. */
export type Searching = Required<Omit<SearchConfig, 'questions'>>;

/** A search, settled. */
export interface SearchPlan {
  /** Who draws. */
  readonly place: Place;
  /** Whose tokenizer renders the questions, where it is another model than who draws. */
  readonly model: string | undefined;
  readonly questions: QuestionPlan;
  readonly verifier: string;
  readonly format: NonNullable<SvoConfig['format']>;
  readonly search: Searching;
  readonly server: ServerConfig;
  readonly seed: number;
  readonly out: string;
  readonly engine: Pick<SvoConfig, 'backend' | 'threads'>;
}

/** @throws UsageError naming the key that is missing or wrong */
export function searchPlanOf(config: SvoConfig): SearchPlan {
  const { seed = 1, out = 'runs/search', backend = 'auto', threads, columns = {}, prompt = {} } = config;
  const drawer = config.policy ?? required('model', config.model);
  const key = config.policy === undefined ? 'model' : 'policy';
  return {
    place: placeOf(key, drawer),
    model: config.model === drawer ? undefined : config.model,
    questions: { files: paths('data', config.data), columns, prompt, most: config.search?.questions },
    verifier: verifierName(config.verifier),
    format: config.format ?? 'blank-line',
    search: searchingOf(config.search),
    server: serverOf(config),
    ...{ seed, out, engine: { backend, ...(threads !== undefined && { threads }) } },
  };
}

/** The numbers of a search, with their defaults: DVO's, with a fifth of its iterations. */
const searchingOf = ({
  from = 'trees',
  iterations = 16,
  breadth = 5,
  depth = 8,
  draws = 16,
  temperature = 1,
  stepTokens = 256,
}: SearchConfig = {}): Searching => ({ from, iterations, breadth, depth, draws, temperature, stepTokens });
