import type { ServerPlan } from '../plans/server-plan.ts';
import type { Place } from './place.ts';

/** Whether steps come with log-probs: always from weights that are here, from a server where the configuration requires them. */
export const hasPriors = ({ place, server }: { readonly place: Place; readonly server: ServerPlan }): boolean =>
  place.kind !== 'openai' || server.logps === 'required';
