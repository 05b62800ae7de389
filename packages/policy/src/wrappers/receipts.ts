import type { Candidate } from '@svo/mdp';

/** What one answer cost. Wrappers add theirs to the receipt of what they wrap; `withUsage` enters it in a ledger. */
export interface Receipt {
  /** HTTP requests sent. */
  readonly requests: number;
  /** Tokens the server read, as it reports them. */
  readonly promptTokens: number;
  /** Tokens the server wrote, as it reports them, else as its log-probs show them. */
  readonly completionTokens: number;
  readonly retries: number;
  readonly cacheHits: number;
  /** What should be said once about the answer: a server's word that is not known, log-probs that were left out. */
  readonly notes: readonly string[];
}

const none: Receipt = { requests: 0, promptTokens: 0, completionTokens: 0, retries: 0, cacheHits: 0, notes: [] };

/** The numbers of a receipt. */
export const receiptCounts = ['requests', 'promptTokens', 'completionTokens', 'retries', 'cacheHits'] as const;

/**
 * Receipts lie beside the answers, not in them: a candidate stays what the tree stores, and a policy that writes no
 * receipt is still a policy. An array of candidates is never reused for two answers, so the key is exact.
 */
const receipts = new WeakMap<readonly Candidate[], Receipt>();

/** The sum of receipts; each note once. */
export function addReceipts(parts: readonly Partial<Receipt>[]): Receipt {
  const sum = { ...none, notes: [...new Set(parts.flatMap(({ notes = [] }) => notes))] };
  for (const part of parts) for (const count of receiptCounts) sum[count] += part[count] ?? 0;
  return sum;
}

/** Attaches a receipt to a fresh copy of an answer, and returns that copy. */
export function withReceipt(candidates: readonly Candidate[], receipt: Partial<Receipt>): readonly Candidate[] {
  const copy = [...candidates];
  receipts.set(copy, addReceipts([receipt]));
  return copy;
}

/** The receipt of an answer; for one without, the tokens its log-probs or token ids show. */
export function receiptOf(candidates: readonly Candidate[]): Receipt {
  return (
    receipts.get(candidates) ?? {
      ...none,
      completionTokens: candidates.reduce(
        (total, { tokenIds, logps, count }) => total + (tokenIds ?? logps ?? []).length * count,
        0,
      ),
    }
  );
}
