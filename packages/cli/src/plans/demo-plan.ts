import type { SvoConfig } from '../config/config.ts';
import { defaults } from '../config/defaults.ts';

/** The main job's short setting, as its own options. */
export interface DemoPlan {
  readonly out: string;
  readonly options: readonly string[];
}

/** One objective from draws, a fifth of the questions: about a minute on two cores. */
export function demoPlanOf({
  out = 'runs/demo',
  seed = defaults.seed,
  backend = defaults.backend,
  objective = 'dvo-response',
}: SvoConfig): DemoPlan {
  const short = { objective, from: 'draws', questions: 200, draws: 8, 'test-questions': 200, seed, backend, out };
  return { out, options: Object.entries(short).flatMap(([name, value]) => [`--${name}`, String(value)]) };
}
