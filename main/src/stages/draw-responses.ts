/** Whole responses of a model, drawn and judged, as they come. Runs in a browser too. */
import { contentHash, createRng, integer, type Question, splitRng } from '@svo/mdp';
import { type Generation, generate, type Params } from '@svo/models';
import { mathVerifier } from '@svo/verify';
import type { Options } from '../options.ts';
import type { RunLearner } from '../tasks/new-learner.ts';
import type { Task } from '../tasks/task.ts';

/** What drawing needs of a job. */
export interface Desk {
  readonly learner: RunLearner;
  readonly task: Task;
  readonly options: Pick<Options, 'seed'>;
}

/** A model's answer to a question, and whether it is right. */
export interface Answered {
  readonly question: Question;
  readonly response: string;
  readonly right: boolean;
}

/** How answers are drawn: the likeliest token every time, or from the model's own distribution. */
export type Decoding = 'greedy' | 'sampled';

const rowsTogether = 512;

/** Whole responses, `samples` to each question. A question's depend on its text and the seed alone. */
export async function* drawResponses(
  { learner, task, options }: Desk,
  params: Params,
  questions: readonly Question[],
  {
    decoding,
    samples = 1,
    purpose,
  }: { readonly decoding: Decoding; readonly samples?: number; readonly purpose: string },
): AsyncGenerator<{ readonly question: Question; readonly drawn: readonly Generation[] }> {
  const { lm, tokenizer } = learner;
  const stream = splitRng(createRng(options.seed), purpose);
  const together = Math.max(1, Math.floor(rowsTogether / samples));
  for (let at = 0; at < questions.length; at += together) {
    const some = questions.slice(at, at + together);
    const written = await generate(
      lm,
      params,
      some.map(({ prompt }) => prompt),
      {
        maxTokens: task.responseTokens,
        temperature: decoding === 'greedy' ? 0 : task.search.temperature,
        tokenizer,
        stopIds: [tokenizer.eosId],
        samples,
        seed: some.map(({ id, prompt }) => integer(splitRng(stream, contentHash([id, prompt])), 2 ** 32)[0]),
      },
    );
    for (const [i, question] of some.entries()) yield { question, drawn: written[i]! };
  }
}

/** One answer to every question, judged. */
export async function* drawAnswers(
  desk: Desk,
  params: Params,
  questions: readonly Question[],
  decoding: Decoding,
): AsyncGenerator<Answered> {
  for await (const { question, drawn } of drawResponses(desk, params, questions, { decoding, purpose: 'answers' })) {
    const response = drawn[0]?.text ?? '';
    yield { question, response, right: mathVerifier(question, response).equivalent === true };
  }
}
