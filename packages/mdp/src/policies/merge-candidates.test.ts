import { expect, test } from 'vitest';
import type { Candidate } from '../types.ts';
import { mergeCandidates } from './merge-candidates.ts';

test('the same text and ending is one candidate, with the tokens that were drawn first', () => {
  const of = (text: string, finish: Candidate['finish'], first: number, count = 1): Candidate => ({
    text,
    finish,
    count,
    tokenIds: [first],
    logps: [-1],
  });
  const merged = mergeCandidates([of('a', 'step', 1), of('b', 'step', 2), of('a', 'answer', 3), of('a', 'step', 4, 2)]);
  expect(merged).toEqual([of('a', 'step', 1, 3), of('b', 'step', 2), of('a', 'answer', 3)]);
  expect(mergeCandidates([])).toEqual([]);
});
