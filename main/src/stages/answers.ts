/** Answers to all questions, with a bar that shows how far they are. */
import type { Question } from '@svo/mdp';
import type { Params } from '@svo/models';
import { createBar } from '../shell/bars.ts';
import { type Answered, type Decoding, type Desk, drawAnswers } from './draw-responses.ts';

/** One answer to every question, judged. */
export async function answerAll(
  desk: Desk,
  params: Params,
  questions: readonly Question[],
  decoding: Decoding,
  label?: string,
): Promise<Answered[]> {
  const bar = label === undefined ? undefined : createBar(label, 'questions');
  bar?.start(questions.length);
  const answered: Answered[] = [];
  let rights = 0;
  for await (const one of drawAnswers(desk, params, questions, decoding)) {
    answered.push(one);
    if (one.right) rights++;
    bar?.update(answered.length, `${((100 * rights) / answered.length).toFixed(1)} % right`);
  }
  bar?.stop();
  return answered;
}
