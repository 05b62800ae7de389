import type { Candidate } from '@svo/mdp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conserveCount, countOf, failedCandidates } from './candidates.ts';

const candidates: fc.Arbitrary<Candidate[]> = fc.array(
  fc.record({ text: fc.string(), count: fc.integer({ min: 1, max: 5 }), finish: fc.constant('step' as const) }),
);

describe('conserveCount', () => {
  it('makes every reply stand for exactly the draws that were asked for', () => {
    fc.assert(
      fc.property(candidates, fc.integer({ min: 1, max: 20 }), (list, count) => {
        expect(countOf(conserveCount(list, count))).toBe(count);
      }),
    );
  });

  it('keeps candidates in order, and adds only failures', () => {
    fc.assert(
      fc.property(candidates, fc.integer({ min: 1, max: 20 }), (list, count) => {
        const good = conserveCount(list, count).filter(({ finish }) => finish !== 'error');
        expect(good.map(({ text }) => text)).toEqual(list.slice(0, good.length).map(({ text }) => text));
      }),
    );
  });

  it('names the shortfall', () => {
    const [failed] = conserveCount([], 3);
    expect(failed).toMatchObject({ count: 3, finish: 'error', failure: { kind: 'malformed' } });
    expect(failed!.failure!.message).toContain('asked for 3 candidates, got 0');
  });
});

describe('failedCandidates', () => {
  it('is empty for no draws', () => {
    expect(failedCandidates(0, { kind: 'server', message: '' })).toEqual([]);
  });
});
