import type { Candidate, Failure, Policy, ProposeRequest, ValueModel } from '@svo/mdp';
import { following, requireCandidates } from './candidates.ts';
import { ProgramError, wordsOf } from './program-error.ts';

/** What came back for one leaf. */
export interface Answer {
  readonly candidates: readonly Candidate[];
  readonly values: readonly number[] | undefined;
}

/** Who is asked, for whom, and until when. */
export interface Asked {
  /** The function that searches, for messages. */
  readonly caller: string;
  readonly policy: Policy;
  readonly valueModel?: ValueModel | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks the policy, and the value model if there is one, for a batch of leaves. A server's failure, which is what an error
 * carries as `failure` (`PolicyError` does), becomes failed candidates; so does an abort.
 *
 * @throws ProgramError for any other error, and for an answer that is none: a defect must not end as an empty tree
 */
export async function answerMany(asked: Asked, requests: readonly ProposeRequest[]): Promise<readonly Answer[]> {
  const proposals = await proposeAll(asked, requests);
  const { valueModel } = asked;
  if (valueModel === undefined) return proposals.map((candidates) => ({ candidates, values: undefined }));
  return estimate(asked, valueModel, requests, proposals);
}

/** Waits for `work`, but no longer than until the abort: a policy that does not listen can't hold the search up. */
export async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  let abort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    const result = await Promise.race([work, aborted]);
    signal.throwIfAborted();
    return result;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

const proposeAll = async (
  asked: Asked,
  requests: readonly ProposeRequest[],
): Promise<readonly (readonly Candidate[])[]> => {
  const { caller, policy, signal } = asked;
  const what = `the policy '${policy.id}'`;
  const checked = (candidates: readonly Candidate[], { question }: ProposeRequest): readonly Candidate[] =>
    requireCandidates(caller, what, question.id, candidates);
  if (policy.proposeMany === undefined || requests.length === 1) {
    return Promise.all(
      requests.map(async (request) => {
        const proposed = await orFailure(asked, what, [request], async () => policy.propose(request, signal));
        return 'failure' in proposed ? lostDraws(request, proposed.failure) : checked(proposed.result, request);
      }),
    );
  }
  const proposed = await orFailure(asked, what, requests, async () => policy.proposeMany!(requests, signal));
  if ('failure' in proposed) return requests.map((request) => lostDraws(request, proposed.failure));
  const answers = proposed.result;
  if (!Array.isArray(answers) || answers.length !== requests.length) {
    const problem = `${what}: proposeMany gave ${answers?.length} answers to ${requests.length} requests`;
    throw new ProgramError(caller, requests.map(idOf), problem);
  }
  return requests.map((request, row) => checked(answers[row], request));
};

const estimate = async (
  asked: Asked,
  valueModel: ValueModel,
  requests: readonly ProposeRequest[],
  proposals: readonly (readonly Candidate[])[],
): Promise<readonly Answer[]> => {
  const states = requests.flatMap(({ question, state }, row) =>
    proposals[row]!.map((candidate) => ({ question, state: following(state, candidate) })),
  );
  const what = `the value model '${valueModel.id}'`;
  const given = await orFailure(asked, what, requests, async () => valueModel.values(states, asked.signal));
  if ('failure' in given) {
    const failure: Failure = { ...given.failure, message: `value model: ${given.failure.message}` };
    return requests.map((request) => ({ candidates: lostDraws(request, failure), values: undefined }));
  }
  const values = given.result;
  const isList = Array.isArray(values) || ArrayBuffer.isView(values);
  const bad = isList ? values.find((value) => !Number.isFinite(value)) : values;
  if (!isList || values.length !== states.length || bad !== undefined) {
    const got = isList && values.length !== states.length ? `${values.length} values` : `${bad}`;
    const problem = `${what} must give ${states.length} finite values, got ${got}`;
    throw new ProgramError(asked.caller, requests.map(idOf), problem);
  }
  let start = 0;
  return proposals.map((candidates) => {
    const own = values.slice(start, start + candidates.length);
    start += candidates.length;
    return { candidates, values: own };
  });
};

const idOf = ({ question }: ProposeRequest): string => question.id;

/** What a call gave, or the failure its error stands for. Every other error is thrown on, naming the questions. */
const orFailure = async <Result>(
  { caller, signal }: Asked,
  what: string,
  requests: readonly ProposeRequest[],
  call: () => Promise<Result>,
): Promise<{ readonly result: Result } | { readonly failure: Failure }> => {
  try {
    return { result: await call() };
  } catch (error) {
    const failure = signal?.aborted ? CANCELLED : failureOf(error);
    if (failure !== undefined) return { failure };
    const hint = `(a server's failure is an error with a 'failure', such as PolicyError)`;
    throw new ProgramError(caller, requests.map(idOf), `${what} threw ${wordsOf(error)} ${hint}`, error);
  }
};

const CANCELLED: Failure = { kind: 'cancelled', message: 'the search was aborted' };

/** The failure an error stands for: the one it carries, an abort, or a timeout; `undefined` for a defect of the program. */
const failureOf = (error: unknown): Failure | undefined => {
  if (!(error instanceof Error)) return undefined;
  const carried = 'failure' in error ? (error.failure as Partial<Failure> | null) : undefined;
  if (typeof carried?.kind === 'string' && typeof carried.message === 'string') return carried as Failure;
  if (error.name === 'AbortError') return { kind: 'cancelled', message: error.message };
  return error.name === 'TimeoutError' ? { kind: 'timeout', message: error.message } : undefined;
};

/** All draws of a request, none of which came. */
const lostDraws = ({ count }: ProposeRequest, failure: Failure): readonly Candidate[] => [
  { text: '', count, finish: 'error', failure },
];
