import {
  type Candidate,
  createRng,
  type Failure,
  type Policy,
  type ProposeRequest,
  seedFrom,
  splitRng,
  uniform,
} from '@svo/mdp';
import { backoffMs, isRetryable, type RetryOptions, retrySettings } from './backoff.ts';
import { countOf, failedCandidates } from './candidates.ts';
import { pause } from './pause.ts';
import { addReceipts, type Receipt, receiptOf, withReceipt } from './receipts.ts';
import { settleOnCancel, wrapPolicy } from './wrap-policy.ts';

/** One request on its way: what it has, what it lacks, what it cost. */
interface Pending {
  readonly request: ProposeRequest;
  readonly kept: readonly Candidate[];
  /** Draws that failed in a way that another try may mend. */
  readonly failed: readonly Candidate[];
  readonly receipt: Receipt;
}

/**
 * Asks again for the draws that failed with `timeout`, `rate-limit`, `server`, `connection` or `malformed`, after a
 * backoff with jitter (see `backoffMs`) that honours `Retry-After`. Draws that succeeded are kept. A request that failed
 * altogether is repeated with its own seed, so that it gives what it would have given; when only some draws failed the
 * repetition has a seed derived from it, since the same one would draw the same again. What still fails after the last
 * try stays a failure; counts are conserved.
 *
 * Throws RangeError for options out of range.
 *
 * @example
 * ```ts
 * import type { Candidate } from '@svo/mdp';
 * import { withRetry } from '@svo/policy';
 * import { scriptedPolicy } from '@svo/policy/testing';
 * let calls = 0;
 * const broken: Candidate = { text: '', count: 1, finish: 'error', failure: { kind: 'server', message: 'HTTP 503' } };
 * const flaky = scriptedPolicy(() => (calls++ === 0 ? [broken] : ['Final Answer: 5']));
 * const policy = withRetry(flaky, { baseMs: 1 });
 * const question = { id: 'q', prompt: '2 + 3?' };
 * const [candidate] = await policy.propose({ question, state: { questionId: 'q', steps: [] }, count: 1, seed: 1 });
 * [candidate!.text, calls]; // => ['Final Answer: 5', 2]
 * ```
 */
export function withRetry(policy: Policy, options: RetryOptions = {}): Policy {
  const settings = retrySettings('withRetry', options);
  const root = createRng(settings.seed);

  return wrapPolicy(policy, (below) => {
    const draw = settleOnCancel(below);
    return async (requests, signal) => {
      const pending: Pending[] = requests.map(begin);
      for (let attempt = 0; attempt < settings.attempts; attempt++) {
        const open = pending.flatMap((item, index) => (attempt === 0 || mayRetry(item, settings) ? [index] : []));
        if (open.length === 0) break;
        if (attempt > 0) {
          const { question, seed } = pending[open[0]!]!.request;
          const [u] = uniform(splitRng(splitRng(splitRng(root, question.id), seed), attempt));
          const asked = open.flatMap((index) => retryAfters(pending[index]!));
          await pause(
            backoffMs(attempt - 1, u, asked.length > 0 ? Math.max(...asked) : undefined, settings) ?? 0,
            signal,
          );
          if (signal?.aborted) return pending.map(cancel);
        }
        const answers = await draw(
          open.map((index) => nextRequest(pending[index]!, attempt)),
          signal,
        );
        open.forEach((index, place) => {
          pending[index] = afterAnswer(pending[index]!, answers[place]!, attempt);
        });
      }
      return pending.map(({ kept, failed, receipt }) => withReceipt([...kept, ...failed], receipt));
    };
  });
}

function begin(request: ProposeRequest): Pending {
  return { request, kept: [], failed: [], receipt: addReceipts([]) };
}

function retryAfters({ failed }: Pending): number[] {
  return failed.flatMap(({ failure }) => (failure?.retryAfterMs === undefined ? [] : [failure.retryAfterMs]));
}

/** Something failed, and the server did not ask for a longer wait than we are ready for. */
function mayRetry(item: Pending, { maxRetryAfterMs }: Required<RetryOptions>): boolean {
  return item.failed.length > 0 && retryAfters(item).every((ms) => ms <= maxRetryAfterMs);
}

function nextRequest({ request, kept, failed }: Pending, attempt: number): ProposeRequest {
  if (kept.length === 0) return request;
  const seed = seedFrom(splitRng(splitRng(createRng(request.seed), 'retry'), attempt));
  return { ...request, count: countOf(failed), seed };
}

function afterAnswer({ request, kept, receipt }: Pending, answer: readonly Candidate[], attempt: number): Pending {
  const failed = answer.filter(({ failure }) => isRetryable(failure));
  const rest = answer.filter(({ failure }) => !isRetryable(failure));
  const cost = addReceipts([receipt, receiptOf(answer), { retries: attempt > 0 ? 1 : 0 }]);
  return { request, kept: [...kept, ...rest], failed, receipt: cost };
}

/** What was drawn before the caller gave up is kept. */
function cancel({ kept, failed, receipt }: Pending): readonly Candidate[] {
  const failure: Failure = { kind: 'cancelled', message: 'cancelled by the caller while waiting to try again' };
  return withReceipt([...kept, ...failedCandidates(countOf(failed), failure)], receipt);
}
