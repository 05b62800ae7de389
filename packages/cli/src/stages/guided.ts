import type { Question, Verifier } from '@svo/mdp';
import { type CausalLm, loadValueModel } from '@svo/models';
import { answerByBeams } from '@svo/recipes';
import type { OpenedModel } from '../models/open-policy.ts';
import { isLocal, type Place } from '../models/place.ts';
import type { GuidePlan } from '../plans/guide-plan.ts';
import type { RunFolder } from '../shell/run-folder.ts';
import type { Shell } from '../shell/shell.ts';
import { evaluate, type Score } from './evaluation.ts';
import { openFormat } from './formats.ts';

/** Whose steps are searched on what, and who ranks them. */
interface Guided {
  readonly stage: string;
  readonly place: Place;
  readonly model: OpenedModel;
  readonly questions: readonly Question[];
  readonly verifier: Verifier;
  readonly guide: GuidePlan;
  readonly together: number;
  readonly seed: number;
}

/** The best answer of a beam search to each question, measured. */
export async function measureByBeams(run: RunFolder, shell: Shell, guided: Guided): Promise<Score> {
  const { stage, place, model, questions: all, verifier, guide, together, seed } = guided;
  const { value, beam: beams, breadth: samples, depth, stepTokens: maxTokens, temperature } = guide;
  const format = await openFormat(guide.format);
  // A head on the very model that answers needs no second copy of it.
  const own = isLocal(place) && place.path === value ? model.loaded : undefined;
  const loaded = own && { lm: own.learner.lm as CausalLm, params: own.params };
  const valueModel = await loadValueModel(value, { format, ...(loaded && { loaded }) });
  const policy = model.policy({ format, temperature, maxTokens, id: stage });
  const search = { policy, valueModel, verifier, beams, samples, depth, together, seed, signal: shell.signal };
  return evaluate(run, shell, {
    stage,
    questions: all,
    answers: (questions) => answerByBeams({ ...search, questions }),
  });
}
