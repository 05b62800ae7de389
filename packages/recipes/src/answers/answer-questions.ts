import {
  assertCounts,
  assertOptions,
  type Candidate,
  equivalentOf,
  type Policy,
  type Question,
  type Verifier,
} from '@svo/mdp';
import { ask } from './ask.ts';

/** Whom to ask what. */
export interface AnswerOptions {
  /** Of `wholeFormat`, so that it writes whole responses. */
  readonly policy: Policy;
  readonly questions: readonly Question[];
  readonly verifier: Verifier;
  /** Responses to each question; 1 by default. */
  readonly samples?: number;
  /** Questions asked together; 128 by default. It changes no answer. */
  readonly together?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/** A response, judged. */
export interface JudgedResponse {
  readonly response: string;
  /** How often it was drawn. */
  readonly count: number;
  /** Nothing where the judge can't tell. */
  readonly right: boolean | undefined;
  /** False where it ran out of tokens. */
  readonly finished: boolean;
}

/** A question with its answers. */
export interface Answered {
  readonly question: Question;
  readonly answers: readonly JudgedResponse[];
  /** Responses that a server's fault kept from coming: they are neither right nor wrong. */
  readonly lost: number;
}

/**
 * Whole responses to questions, judged. The answers to a question depend on its text, its id and the seed alone.
 *
 * @throws RangeError for a count that is no positive integer
 * @example
 * ```ts
 * import { answerQuestions } from '@svo/recipes';
 * import { mathVerifier } from '@svo/verify';
 * const policy = { id: 'fives', propose: async () => [{ text: 'Final Answer: 5', count: 1, finish: 'answer' as const }] };
 * const questions = [{ id: 'a', prompt: '2+3?', answer: '5' }, { id: 'b', prompt: '2+4?', answer: '6' }];
 * const right: (boolean | undefined)[] = [];
 * for await (const { answers } of answerQuestions({ policy, questions, verifier: mathVerifier })) right.push(answers[0]!.right);
 * right; // => [true, false]
 * ```
 */
export async function* answerQuestions(options: AnswerOptions): AsyncGenerator<Answered, void, undefined> {
  assertOptions('answerQuestions', options, [
    ...['policy', 'questions', 'verifier', 'samples', 'together', 'seed', 'signal'],
  ]);
  const { policy, questions, verifier, samples = 1, together = 128, seed = 0, signal } = options;
  assertCounts('answerQuestions', { samples, together });
  const asking = { policy, questions, count: samples, together, seed, stream: 'answers', signal };
  for await (const { question, drawn } of ask(asking)) yield judged(question, drawn, verifier);
}

function judged(question: Question, drawn: readonly Candidate[], verifier: Verifier): Answered {
  const lost = drawn.filter(isLost);
  const answers = drawn
    .filter((candidate) => !isLost(candidate))
    .map(({ text, count, finish }) => ({
      ...judgedText('answerQuestions', question, text, verifier),
      ...{ count, finished: finish === 'answer' || finish === 'step' },
    }));
  return { question, answers, lost: lost.reduce((sum, { count }) => sum + count, 0) };
}

/** A response that came once, and what the judge says of it. */
export function judgedText(
  source: string,
  question: Question,
  response: string,
  verifier: Verifier,
): Omit<JudgedResponse, 'finished'> {
  // A model that wrote nothing has not answered.
  const right = response !== '' && equivalentOf(`${source}: verifier`, verifier(question, response));
  return { response, count: 1, right };
}

/** The model's own failures count against it, everybody else's for nothing. */
const isLost = ({ failure }: Candidate): boolean =>
  failure !== undefined && failure.kind !== 'unparsable' && failure.kind !== 'too-large';
