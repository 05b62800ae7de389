import type { SearchConfig, SvoConfig } from '../config/config.ts';
import { defaults } from '../config/defaults.ts';
import { verifierName } from '../models/open-verifier.ts';
import { type Place, placeOf } from '../models/place.ts';
import { defined } from '../stages/defined.ts';
import { formatName } from '../stages/formats.ts';
import { type QuestionPlan, questionPlan } from '../stages/questions.ts';
import { required } from '../stages/required.ts';
import { type Running, runningOf } from './running.ts';
import { type ServerPlan, serverOf } from './server-plan.ts';

/** How solutions are drawn and valued, with its defaults. */
export type Searching = Required<Omit<SearchConfig, 'questions'>>;

/** A search, settled. */
export interface SearchPlan extends Running {
  /** Who draws. */
  readonly place: Place;
  /** Whose tokenizer renders the questions, where it is another model than who draws. */
  readonly model: string | undefined;
  readonly questions: QuestionPlan;
  readonly verifier: string;
  /** By its name; of a task in a module the module's path. */
  readonly format: string;
  readonly search: Searching;
  readonly server: ServerPlan;
}

/** @throws UsageError naming the key that is missing or wrong */
export function searchPlanOf(config: SvoConfig): SearchPlan {
  const drawer = config.policy ?? required('model', config.model);
  const key = config.policy === undefined ? 'model' : 'policy';
  const place = placeOf(key, drawer);
  return {
    place,
    model: config.model === drawer ? undefined : config.model,
    questions: questionPlan('data', config, config.search?.questions),
    verifier: verifierName(config),
    format: formatName(config),
    search: searchingOf(config.search),
    server: serverOf(config, place),
    ...runningOf(config, 'runs/search'),
  };
}

/** The numbers of a search. */
const searchingOf = ({ questions: _, ...given }: SearchConfig = {}): Searching => ({
  ...defaults.search,
  ...defined(given),
});
