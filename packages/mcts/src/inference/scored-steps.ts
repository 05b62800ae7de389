import type { Question, State, ValueModel } from '@svo/mdp';
import type { Asked } from '../search/ask/answer.ts';
import type { Usage } from '../tree/tree.ts';
import { estimates } from './decoded.ts';
import { draw } from './draw.ts';
import { type Stepped, stepped } from './stepped.ts';

/** Whose steps are drawn and scored. */
export interface Scoring {
  readonly asked: Asked;
  readonly question: Question;
  readonly valueModel: ValueModel;
  readonly depth: number;
}

/** A step and what the value model makes of it; −∞ where it failed. */
export interface ScoredStep {
  readonly step: Stepped;
  readonly score: number;
}

/** One step from each state, drawn together, and their scores. What was spent is added to `cost`. */
export async function scoredSteps(
  { asked, question, valueModel, depth }: Scoring,
  from: readonly { readonly state: State; readonly seed: number }[],
  cost: Usage,
): Promise<readonly ScoredStep[]> {
  const requests = from.map(({ state, seed }) => ({ question, state, count: 1, seed }));
  const drawn = await draw(asked, requests, cost);
  const steps = from.map(({ state }, row) => stepped(state, drawn[row]!, depth));
  const states = steps.flatMap(({ state, failure }) => (failure === undefined ? [state] : []));
  const scores = await estimates(asked.caller, valueModel, question, states, asked.signal);
  cost.estimates += states.length;
  let next = 0;
  return steps.map((step) => ({
    step,
    score: step.failure === undefined ? scores[next++]! : Number.NEGATIVE_INFINITY,
  }));
}
