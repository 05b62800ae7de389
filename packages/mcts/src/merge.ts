import type { Candidate } from '@svo/mdp';

/**
 * Merges candidates that end alike and whose trimmed texts are equal, keeping the first and adding up the counts: how often
 * a step was drawn is part of what the policy said, and dropping it would bias every mean over draws.
 *
 * @example
 * ```ts
 * import { mergeCandidates } from '@svo/mcts';
 * const drawn = ['so 5\n\n', 'so 6\n\n', 'so 5'].map((text) => ({ text, count: 1, finish: 'step' }) as const);
 * mergeCandidates(drawn).map(({ text, count }) => [text, count]); // => [['so 5\n\n', 2], ['so 6\n\n', 1]]
 * ```
 */
export function mergeCandidates(candidates: readonly Candidate[]): readonly Candidate[] {
  const merged: Candidate[] = [];
  const keys: string[] = [];
  for (const candidate of candidates) {
    const key = candidate.finish === 'error' ? `${candidate.failure?.kind}` : candidate.text.trim();
    const twin = merged.findIndex((other, index) => keys[index] === key && other.finish === candidate.finish);
    if (twin === -1) {
      merged.push(candidate);
      keys.push(key);
    } else {
      merged[twin] = { ...merged[twin]!, count: merged[twin]!.count + candidate.count };
    }
  }
  return merged;
}
