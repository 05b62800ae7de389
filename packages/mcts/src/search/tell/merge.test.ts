import { fc, test } from '@fast-check/vitest';
import type { Candidate } from '@svo/mdp';
import { expect } from 'vitest';
import { mergeCandidates } from './merge.ts';

const spaced = fc.stringMatching(/^[ \n\t\u00a0\u3000]{0,2}[ab中½]{0,3}[ \n\t\u00a0\u3000]{0,2}$/);
const candidates: fc.Arbitrary<Candidate[]> = fc.array(
  fc.record({
    text: spaced,
    count: fc.integer({ min: 1, max: 5 }),
    finish: fc.constantFrom('step', 'answer', 'length'),
  }),
  { maxLength: 12 },
);

test.prop([candidates], { numRuns: 2000 })('merges by trimmed text and end, as a map by that key would', (drawn) => {
  const expected = new Map<string, Candidate>();
  for (const candidate of drawn) {
    const key = `${candidate.finish} ${candidate.text.trim()}`;
    const twin = expected.get(key);
    expected.set(key, twin === undefined ? candidate : { ...twin, count: twin.count + candidate.count });
  }
  expect(mergeCandidates(drawn)).toEqual([...expected.values()]);
});

test('failures merge by kind', () => {
  const failed = (kind: 'timeout' | 'server'): Candidate => ({
    text: '',
    count: 1,
    finish: 'error',
    failure: { kind, message: '' },
  });
  const merged = mergeCandidates([failed('timeout'), failed('server'), failed('timeout')]);
  expect(merged.map(({ count, failure }) => [failure?.kind, count])).toEqual([
    ['timeout', 2],
    ['server', 1],
  ]);
});
