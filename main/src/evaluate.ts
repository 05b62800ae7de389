/** Greedy answers to unseen questions, judged. */
import type { Question } from '@svo/mdp';
import { generate, type Params } from '@svo/models';
import { mathVerifier } from '@svo/verify';
import type { Bar } from './bars.ts';
import { type Accuracy, wilson } from './interval.ts';
import type { Learner } from './learner.ts';

/** A model's answer to a question, and whether it is right. */
export interface Answered {
  readonly question: Question;
  readonly response: string;
  readonly right: boolean;
}

const answerTokens = 72;
const questionsTogether = 250;

/** Answers every question greedily and judges the answers. */
export async function answerGreedily(
  learner: Learner,
  params: Params,
  questions: readonly Question[],
  bar: Bar,
): Promise<Answered[]> {
  const { lm, tokenizer } = learner;
  const answered: Answered[] = [];
  bar.start(questions.length);
  for (let at = 0; at < questions.length; at += questionsTogether) {
    const some = questions.slice(at, at + questionsTogether);
    const prompts = some.map(({ prompt }) => prompt);
    const written = await generate(lm, params, prompts, {
      maxTokens: answerTokens,
      temperature: 0,
      tokenizer,
      stopIds: [tokenizer.eosId],
    });
    some.forEach((question, i) => {
      const response = written[i]![0]!.text ?? '';
      answered.push({ question, response, right: mathVerifier(question, response).equivalent === true });
    });
    bar.update(answered.length, `${accuracyOf(answered).accuracy.toFixed(3)} right`);
  }
  bar.stop();
  return answered;
}

export const accuracyOf = (answered: readonly Answered[]): Accuracy =>
  wilson(answered.filter(({ right }) => right).length, answered.length);
