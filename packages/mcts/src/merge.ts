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
  let merged: Candidate[] | undefined;
  for (let at = 1; at < candidates.length; at++) {
    const candidate = candidates[at]!;
    const so = merged ?? candidates;
    const end = merged?.length ?? at;
    let twin = 0;
    while (twin < end && !isTwin(so[twin]!, candidate)) twin++;
    if (twin === end) merged?.push(candidate);
    else {
      merged ??= candidates.slice(0, at);
      merged[twin] = { ...merged[twin]!, count: merged[twin]!.count + candidate.count };
    }
  }
  return merged ?? candidates;
}

const isTwin = (a: Candidate, b: Candidate): boolean => {
  if (a.finish !== b.finish) return false;
  if (a.finish === 'error') return a.failure?.kind === b.failure?.kind;
  return a.text === b.text || isTrimmedEqual(a.text, b.text);
};

/** `a.trim() === b.trim()`, from the end and without making strings: where steps differ, they mostly do so late. */
const isTrimmedEqual = (a: string, b: string): boolean => {
  if (isSpace(a.charCodeAt(0)) || isSpace(b.charCodeAt(0))) return a.trim() === b.trim();
  let at = trimmedEnd(a);
  const end = trimmedEnd(b);
  if (at === 0 || end === 0) return a.trim() === b.trim();
  if (at !== end) return false;
  while (at > 0 && a.charCodeAt(at - 1) === b.charCodeAt(at - 1)) at--;
  return at === 0 && a.trim() === b.trim();
};

const trimmedEnd = (text: string): number => {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
  return end;
};

/** Whether a character may be white space: everything beyond Latin-1 is left to `trim`. */
const isSpace = (code: number): boolean => code <= 32 || code === 160 || code > 255;
