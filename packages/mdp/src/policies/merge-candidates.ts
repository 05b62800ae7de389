import type { Candidate } from '../types.ts';

/**
 * Candidates with the same text and ending as one, with the first one's tokens and the sum of their counts; in the order of first
 * appearance.
 * @example
 * ```ts
 * import { mergeCandidates } from '@svo/mdp';
 * const drawn = ['a', 'b', 'a'].map((text) => ({ text, count: 1, finish: 'step' as const }));
 * mergeCandidates(drawn).map(({ text, count }) => `${count} ${text}`); // => ['2 a', '1 b']
 * ```
 */
export function mergeCandidates(candidates: readonly Candidate[]): Candidate[] {
  const byText = new Map<string, Candidate>();
  for (const next of candidates) {
    const key = `${next.finish}:${next.text}`;
    const known = byText.get(key);
    byText.set(key, known ? { ...known, count: known.count + next.count } : next);
  }
  return [...byText.values()];
}
