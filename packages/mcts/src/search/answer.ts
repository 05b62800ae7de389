import type { Candidate, Failure, Policy, ProposeRequest, ValueModel } from '@svo/mdp';
import { MOST_CHILDREN } from '../tree/tree.ts';

/** What came back for one leaf. */
export interface Answer {
  readonly candidates: readonly Candidate[];
  readonly values: readonly number[] | undefined;
}

/**
 * Asks the policy, and the value model if there is one, for a batch of leaves. Never rejects: what goes wrong becomes
 * failed candidates, so that it ends as typed outcomes in the tree.
 */
export async function answerMany(
  policy: Policy,
  valueModel: ValueModel | undefined,
  requests: readonly ProposeRequest[],
  signal: AbortSignal | undefined,
): Promise<readonly Answer[]> {
  const proposals = await proposeAll(policy, requests, signal);
  if (valueModel === undefined) return proposals.map((candidates) => ({ candidates, values: undefined }));
  return estimate(valueModel, requests, proposals, signal);
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
  policy: Policy,
  requests: readonly ProposeRequest[],
  signal: AbortSignal | undefined,
): Promise<readonly (readonly Candidate[])[]> => {
  if (policy.proposeMany === undefined || requests.length === 1) {
    return Promise.all(
      requests.map((request) =>
        guarded(
          async () => requireCandidates(await policy.propose(request, signal)),
          (failure) => [failed(failure)],
        ),
      ),
    );
  }
  const proposals = await guarded(
    async () => policy.proposeMany!(requests, signal),
    (failure) => requests.map(() => [failed(failure)]),
  );
  if (Array.isArray(proposals) && proposals.length === requests.length) {
    return proposals.map(requireCandidates);
  }
  const message = `proposeMany gave ${proposals?.length} answers to ${requests.length} requests`;
  return requests.map(() => [failed({ kind: 'malformed', message })]);
};

const NO_CANDIDATES: Failure = { kind: 'malformed', message: 'the policy gave something else than candidates' };

/** A policy may be anybody's: what is no candidate becomes a failed one here, so that it can harm neither tree nor file. */
const requireCandidates = (candidates: readonly Candidate[]): readonly Candidate[] => {
  if (!Array.isArray(candidates)) return [failed(NO_CANDIDATES)];
  if (candidates.length > MOST_CHILDREN) {
    const message = `the policy gave ${candidates.length} candidates, more than the ${MOST_CHILDREN} a node may have`;
    return [failed({ kind: 'too-large', message })];
  }
  return candidates.every(isCandidate) ? candidates : candidates.map((one) => (isCandidate(one) ? one : mended(one)));
};

const FINISHES: ReadonlySet<unknown> = new Set(['step', 'answer', 'length', 'error'] satisfies Candidate['finish'][]);

const isCandidate = (candidate: Candidate): boolean =>
  typeof candidate?.text === 'string' && FINISHES.has(candidate.finish) && isFailure(candidate.failure);

const isFailure = (failure: Failure | undefined): boolean =>
  failure === undefined || (typeof failure?.kind === 'string' && typeof failure.message === 'string');

const mended = (candidate: Candidate): Candidate => {
  const { failure } = candidate ?? {};
  const words =
    failure === undefined ? NO_CANDIDATES.message : `the policy gave a failure that is none: ${String(failure)}`;
  return failed({ kind: 'malformed', message: words });
};

const estimate = async (
  valueModel: ValueModel,
  requests: readonly ProposeRequest[],
  proposals: readonly (readonly Candidate[])[],
  signal: AbortSignal | undefined,
): Promise<readonly Answer[]> => {
  const states = requests.flatMap(({ question, state }, row) =>
    proposals[row]!.map(({ text }) => ({
      question,
      state: { questionId: state.questionId, steps: [...state.steps, text] },
    })),
  );
  const values = await guarded(
    async () => {
      const numbers = await valueModel.values(states, signal);
      if (numbers.length !== states.length)
        throw new Error(`gave ${numbers.length} values for ${states.length} states`);
      return numbers;
    },
    (failure) => failure,
  );
  if ('kind' in values) {
    const failure: Failure = { ...values, message: `value model: ${values.message}` };
    return proposals.map(() => ({ candidates: [failed(failure)], values: undefined }));
  }
  let start = 0;
  return proposals.map((candidates) => {
    const own = values.slice(start, start + candidates.length);
    start += candidates.length;
    return { candidates, values: own };
  });
};

const guarded = async <Result, Other>(
  call: () => Promise<Result>,
  mend: (failure: Failure) => Other,
): Promise<Result | Other> => {
  try {
    return await call();
  } catch (error) {
    return mend(failureOf(error));
  }
};

const failed = (failure: Failure): Candidate => ({ text: '', count: 1, finish: 'error', failure });

/** The failure an error carries (`PolicyError` does), or its message as a server failure. */
const failureOf = (error: unknown): Failure => {
  const carried = error instanceof Error && 'failure' in error ? error.failure : undefined;
  if (typeof carried === 'object' && carried !== null && 'kind' in carried) return carried as Failure;
  const message = error instanceof Error ? error.message : String(error);
  const cancelled = error instanceof Error && error.name === 'AbortError';
  return { kind: cancelled ? 'cancelled' : 'server', message };
};
