import type { Candidate, Failure, Policy } from '@svo/mdp';
import { countOf } from './candidates.ts';
import { receiptCounts, receiptOf } from './receipts.ts';
import { settleOnCancel, wrapPolicy } from './wrap-policy.ts';

/** What was spent, and what a policy has to say: plain values, ready for `JSON.stringify`. */
export interface UsageLedger {
  /** Requests for candidates that callers made; each member of a batch counts. */
  calls: number;
  /** Candidates that came back, failed ones included. */
  candidates: number;
  /** Failed candidates by kind. */
  failures: Partial<Record<Failure['kind'], number>>;
  /** HTTP requests sent, retries included. */
  requests: number;
  /** Tokens read and written, as the server reports them (written: as log-probs show them where it reports none). */
  promptTokens: number;
  completionTokens: number;
  /** Second and further tries of `withRetry`. */
  retries: number;
  /** Answers `withCache` had already. */
  cacheHits: number;
  /** What was noticed that is no failure, each thing once: a `finish_reason` that is not known, log-probs that were left out. */
  notes: string[];
}

/**
 * An empty ledger. Several policies may share one.
 *
 * @example
 * ```ts
 * import { createLedger } from '@svo/policy';
 * createLedger().calls; // => 0
 * ```
 */
export function createLedger(): UsageLedger {
  return {
    calls: 0,
    candidates: 0,
    failures: {},
    requests: 0,
    promptTokens: 0,
    completionTokens: 0,
    retries: 0,
    cacheHits: 0,
    notes: [],
  };
}

/**
 * Enters what every answer cost into `ledger`, which the caller keeps and reads. Put it outermost: receipts of all
 * wrappers below pass through it, so that tries which came to nothing are counted too.
 *
 * @example
 * ```ts
 * import { createLedger, withCache, withUsage } from '@svo/policy';
 * import { scriptedPolicy } from '@svo/policy/testing';
 * const ledger = createLedger();
 * const policy = withUsage(withCache(scriptedPolicy({ '': ['a\n\n'] })), ledger);
 * const request = { question: { id: 'q', prompt: '' }, state: { questionId: 'q', steps: [] }, count: 2, seed: 0 };
 * await policy.propose(request);
 * await policy.propose(request);
 * [ledger.calls, ledger.candidates, ledger.cacheHits]; // => [2, 4, 1]
 * ```
 */
export function withUsage(policy: Policy, ledger: UsageLedger): Policy {
  return wrapPolicy(policy, (below) => {
    const draw = settleOnCancel(below);
    return async (requests, signal) => {
      const answers = await draw(requests, signal);
      for (const answer of answers) enter(ledger, answer);
      return answers;
    };
  });
}

/** A server that has a new word each time fills no memory. */
const mostNotes = 50;

function enter(ledger: UsageLedger, answer: readonly Candidate[]): void {
  const receipt = receiptOf(answer);
  ledger.calls++;
  ledger.candidates += countOf(answer);
  for (const count of receiptCounts) ledger[count] += receipt[count];
  for (const note of receipt.notes) {
    if (ledger.notes.length < mostNotes && !ledger.notes.includes(note)) ledger.notes.push(note);
  }
  for (const { failure, count } of answer) {
    if (failure !== undefined) ledger.failures[failure.kind] = (ledger.failures[failure.kind] ?? 0) + count;
  }
}
