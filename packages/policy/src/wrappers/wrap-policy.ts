import type { Candidate, Failure, Policy, ProposeRequest } from '@svo/mdp';
import { withinDeadline } from '../http/deadline.ts';
import { failureOf } from '../http/errors.ts';
import { conserveCount, failedCandidates } from './candidates.ts';
import { receiptOf, withReceipt } from './receipts.ts';

/** A batch of requests answered in order: the form in which every wrapper sees a policy. */
export type ProposeBatch = (
  requests: readonly ProposeRequest[],
  signal?: AbortSignal,
) => Promise<readonly (readonly Candidate[])[]>;

/**
 * Wraps both faces of a policy, `propose` as a batch of one, so that a wrapper is written once and can't forget the
 * other. What is wrapped keeps the promises of a policy even if the policy below breaks them: a PolicyError becomes
 * failed candidates, a wrong number of answers or candidates is made up with failures.
 */
export function wrapPolicy(policy: Policy, around: (draw: ProposeBatch) => ProposeBatch): Policy {
  const { proposeMany } = policy;
  const one = around(keepPromises(async ([request], signal) => [await policy.propose(request!, signal)]));
  const many = proposeMany === undefined ? undefined : around(keepPromises(proposeMany));
  return {
    id: policy.id,
    propose: async (request, signal) => (await one([request], signal))[0]!,
    ...(many === undefined ? {} : { proposeMany: many }),
  };
}

const SHORT: Failure = { kind: 'malformed', message: 'proposeMany left this request without an answer' };

const isCandidate = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'text' in value && 'count' in value && 'finish' in value;

function keepPromises(draw: ProposeBatch): ProposeBatch {
  return async (requests, signal) => {
    try {
      const answers = await draw(requests, signal);
      return requests.map(({ count }, index) =>
        index < answers.length ? conserved(answers[index], count) : failedCandidates(count, SHORT),
      );
    } catch (error) {
      const failure = failureOf(error);
      return requests.map(({ count }) => failedCandidates(count, failure));
    }
  };
}

/**
 * Settles a call at once when it is cancelled, even if the policy below pays no heed to its signal; what one that does heed
 * it has come to by then is kept, and its cost is known. Where the answer to
 * that call must still be waited for, as for its place in a queue, this goes around the wrapper, else within.
 */
export function settleOnCancel(draw: ProposeBatch): ProposeBatch {
  return async (requests, signal) => {
    try {
      return await withinDeadline((inner) => draw(requests, inner), { signal, grace: true });
    } catch (error) {
      const failure = failureOf(error);
      return requests.map(({ count }) => failedCandidates(count, failure));
    }
  };
}

function conserved(answer: readonly Candidate[] | undefined, count: number): readonly Candidate[] {
  const wrong = Array.isArray(answer) ? answer.find((candidate) => !isCandidate(candidate)) : answer;
  // No server's fault but the program's: made up with failures it would be a tree without a word in it.
  if (!Array.isArray(answer) || wrong !== undefined)
    throw new TypeError(`gave something else than candidates: ${wrong}`);
  const exact = conserveCount(answer, count);
  return exact === answer ? answer : withReceipt(exact, receiptOf(answer));
}
