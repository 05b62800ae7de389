import type { Candidate } from '@svo/mdp';

/** Candidates with equal ones merged. */
export interface Merged {
  readonly candidates: readonly Candidate[];
  /** The place of each one's first draw among the candidates as they came. */
  readonly firsts: readonly number[];
}

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
  return merge(candidates).candidates;
}

/** See {@link mergeCandidates}. */
export function merge(candidates: readonly Candidate[]): Merged {
  const sketches: number[] = [];
  const firsts: number[] = [];
  let merged: Candidate[] | undefined;
  for (let at = 0; at < candidates.length; at++) {
    const candidate = candidates[at]!;
    const sketch = sketchOf(candidate);
    const so = merged ?? candidates;
    let twin = 0;
    while (twin < sketches.length && (sketches[twin] !== sketch || !isTwin(so[twin]!, candidate))) twin++;
    if (twin === sketches.length) {
      sketches.push(sketch);
      firsts.push(at);
      merged?.push(candidate);
    } else {
      merged ??= candidates.slice(0, at);
      merged[twin] = { ...merged[twin]!, count: merged[twin]!.count + candidate.count };
    }
  }
  return { candidates: merged ?? candidates, firsts };
}
const isTwin = (a: Candidate, b: Candidate): boolean => {
  if (a.finish !== b.finish) return false;
  if (a.finish === 'error') return a.failure?.kind === b.failure?.kind;
  return a.text === b.text || a.text.trim() === b.text.trim();
};

/**
 * A number that twins share and others seldom do, so that strings are compared only where it is equal: from the length
 * and the last characters within what may be white space, since steps that differ mostly do so late.
 */
const sketchOf = ({ text, finish }: Candidate): number => {
  if (finish === 'error') return 0;
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  let sketch = end - start;
  for (let at = Math.max(start, end - 4); at < end; at++) sketch = (Math.imul(sketch, 31) + text.charCodeAt(at)) | 0;
  return sketch;
};

/** Whether a character may be white space, as every one that `trim` takes away may: all beyond Latin-1 are said to be. */
const isSpace = (code: number): boolean => code <= 32 || code === 160 || code > 255;
