import {
  type Candidate,
  contentHash,
  createRng,
  initialState,
  integer,
  type Policy,
  type Question,
  splitRng,
} from '@svo/mdp';

/** Whole responses to questions, some questions at a time. */
export interface Asking {
  readonly policy: Policy;
  readonly questions: readonly Question[];
  /** Responses to each question. */
  readonly count: number;
  /** Questions asked together. */
  readonly together: number;
  readonly seed: number;
  /** Names the stream of `seed` that this asking draws from. */
  readonly stream: string;
  readonly signal: AbortSignal | undefined;
}

/** A question and what was drawn for it. */
export interface Asked {
  readonly question: Question;
  readonly drawn: readonly Candidate[];
}

/** Each question with what was drawn for it, which depends on its text, its id, the seed and the stream alone. */
export async function* ask({
  policy,
  questions,
  count,
  together,
  seed,
  stream,
  signal,
}: Asking): AsyncGenerator<Asked, void, undefined> {
  const rng = splitRng(createRng(seed), stream);
  for (let at = 0; at < questions.length; at += together) {
    const some = questions.slice(at, at + together);
    const requests = some.map((question) => ({
      question,
      state: initialState(question),
      count,
      seed: integer(splitRng(rng, contentHash([question.id, question.prompt])), 2 ** 32)[0],
    }));
    const drawn: readonly (readonly Candidate[])[] = policy.proposeMany
      ? await policy.proposeMany(requests, signal)
      : await Promise.all(requests.map((request) => policy.propose(request, signal)));
    for (const [i, question] of some.entries()) yield { question, drawn: drawn[i]! };
  }
}
