import type { Policy } from '@svo/mdp';
import { receiptOf, withReceipt } from './receipts.ts';
import { wrapPolicy } from './wrap-policy.ts';

/**
 * A policy all of whose draws are equal, as at temperature 0: one is drawn and stands for as many as were asked for.
 * vLLM refuses n > 1 there, and any other server would do the same work n times.
 */
export function drawOnce(policy: Policy): Policy {
  return wrapPolicy(policy, (draw) => async (requests, signal) => {
    const answers = await draw(
      requests.map((request) => ({ ...request, count: 1 })),
      signal,
    );
    return answers.map((answer, at) =>
      withReceipt(
        answer.map((candidate) => ({ ...candidate, count: candidate.count * requests[at]!.count })),
        receiptOf(answer),
      ),
    );
  });
}
