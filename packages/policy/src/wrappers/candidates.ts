import type { Candidate, Failure } from '@svo/mdp';

/**
 * `count` draws that all failed in one way, as the one candidate that stands for them; none for no draws.
 *
 * @example
 * ```ts
 * import { failedCandidates } from '@svo/policy';
 * failedCandidates(3, { kind: 'timeout', message: 'no answer within 10 ms' })[0]!.count; // => 3
 * ```
 */
export function failedCandidates(count: number, failure: Failure): readonly Candidate[] {
  return count > 0 ? [{ text: '', count, finish: 'error', failure }] : [];
}

/**
 * How many draws a list of candidates stands for: the sum of their counts.
 *
 * @example
 * ```ts
 * import { countOf } from '@svo/policy';
 * countOf([{ text: 'a', count: 2, finish: 'step' }, { text: 'b', count: 1, finish: 'step' }]); // => 3
 * ```
 */
export function countOf(candidates: readonly Candidate[]): number {
  return candidates.reduce((total, candidate) => total + candidate.count, 0);
}

/**
 * Makes a reply stand for exactly `count` draws. Missing draws become a failure, `malformed` unless another is given, so
 * that none is lost in silence; draws beyond `count` are dropped, the last first, since a caller that asked for five has room for five.
 *
 * @example
 * ```ts
 * import { conserveCount } from '@svo/policy';
 * const [good, missing] = conserveCount([{ text: 'a', count: 1, finish: 'step' }], 3);
 * [good!.count, missing!.count, missing!.failure?.kind]; // => [1, 2, 'malformed']
 * ```
 */
export function conserveCount(candidates: readonly Candidate[], count: number, reason?: Failure): readonly Candidate[] {
  const total = countOf(candidates);
  if (total === count) return candidates;
  if (total < count) {
    const message = `asked for ${count} candidates, got ${total}: does the server support n > 1? (else set fanOut)`;
    return [...candidates, ...failedCandidates(count - total, reason ?? { kind: 'malformed', message })];
  }
  const kept: Candidate[] = [];
  let room = count;
  for (const candidate of candidates) {
    if (room === 0) break;
    kept.push(candidate.count <= room ? candidate : { ...candidate, count: room });
    room -= Math.min(room, candidate.count);
  }
  return kept;
}
