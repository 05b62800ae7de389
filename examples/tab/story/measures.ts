import type { Question } from '@svo/mdp';
import type { Params } from '@svo/models';
import { type Accuracy, wilson } from '@svo/recipes';
import { type Answered, type Decoding, type Desk, drawAnswers } from '../../../main/src/stages/draw-responses.ts';
import { countKinds } from '../../../main/src/stages/steps.ts';
import type { Score } from './scenes.ts';

export type { Accuracy } from '@svo/recipes';
export type { Shares } from '../../../main/src/stages/base-course.ts';

/** How a model's weights answer questions they were never trained on, as the main job counts it. */
export async function scoreOf(desk: Desk, params: Params, questions: readonly Question[]): Promise<Score> {
  const [greedy, sampled] = [
    await answersOf(desk, params, questions, 'greedy'),
    await answersOf(desk, params, questions, 'sampled'),
  ];
  const counts = countKinds(desk.task, sampled);
  const steps = Object.values(counts ?? {}).reduce((sum, kind) => sum + kind.steps, 0);
  return {
    greedy: accuracyOf(greedy),
    sampled: accuracyOf(sampled),
    merged: counts === undefined || steps === 0 ? 0 : counts.merged.steps / steps,
  };
}

/** The share that is answered right, the likeliest token every time. */
export async function shareRight(desk: Desk, params: Params, questions: readonly Question[]): Promise<number> {
  return accuracyOf(await answersOf(desk, params, questions, 'greedy')).accuracy;
}

async function answersOf(
  desk: Desk,
  params: Params,
  questions: readonly Question[],
  decoding: Decoding,
): Promise<Answered[]> {
  const answered: Answered[] = [];
  for await (const one of drawAnswers(desk, params, questions, decoding)) answered.push(one);
  return answered;
}

const accuracyOf = (answered: readonly Answered[]): Accuracy =>
  wilson(answered.filter(({ right }) => right).length, answered.length);
