import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Example, scoredTokens } from './example.ts';
import type { PairExample } from './pairs.ts';
import { truncatePairs, truncateUnpaired } from './truncate-pairs.ts';

const side = (prompt: number, answer: number, known = false): Example => {
  const ids = Array.from({ length: prompt + answer }, (_, at) => (at < prompt ? at : 100 + at - prompt));
  return {
    ids,
    stepIds: ids.map((_, at) => (at < prompt ? -1 : 0)),
    credits: [0],
    terminal: true,
    behaviorLogps: ids.map((_, at) => (at < prompt ? null : -at)),
    ...(known && { referenceLogps: [-1] }),
  };
};
const pair = (prompt: number, chosen: number, rejected: number, known = false): PairExample => ({
  chosen: side(prompt, chosen, known),
  rejected: side(prompt, rejected, known),
  chosenValue: 1,
  rejectedValue: -1,
});
const size = fc.integer({ min: 1, max: 9 });
const pairs = fc.array(
  fc.tuple(size, size, size).map(([prompt, chosen, rejected]) => pair(prompt, chosen, rejected)),
  { maxLength: 6 },
);

test('by either rule: what fits is as it was, both sides are left or none, every token is counted, contexts stay one', () => {
  fc.assert(
    fc.property(
      pairs,
      fc.integer({ min: 1, max: 18 }),
      fc.constantFrom('start', 'end', undefined),
      (all, maxLength, keep) => {
        const { kept, dropped, cut, droppedTokens, cutCompletionTokens } = truncatePairs(all, {
          maxLength,
          ...(keep && { keep }),
        });
        expect(kept.length + dropped.length).toBe(all.length);
        const tokens = (list: readonly PairExample[]) =>
          list.reduce((sum, { chosen, rejected }) => sum + chosen.ids.length + rejected.ids.length, 0);
        expect(droppedTokens).toBe(tokens(all) - tokens(kept));
        const before = all.filter((_, index) => !dropped.includes(index));
        expect(cut).toBe(kept.filter((one, at) => one !== before[at]).length);
        const scored = (list: readonly PairExample[]) =>
          list.reduce((sum, { chosen, rejected }) => sum + scoredTokens(chosen) + scoredTokens(rejected), 0);
        expect(cutCompletionTokens).toBe(scored(before) - scored(kept));
        if (keep !== 'start') expect(cutCompletionTokens).toBe(0);
        kept.forEach((one, at) => {
          const fits = [before[at]!.chosen, before[at]!.rejected].every(({ ids }) => ids.length <= maxLength);
          expect(one === before[at]).toBe(fits);
          for (const name of ['chosen', 'rejected'] as const) {
            const { ids, stepIds, behaviorLogps } = one[name];
            expect(ids.length).toBeLessThanOrEqual(maxLength);
            expect([stepIds.length, behaviorLogps!.length]).toEqual([ids.length, ids.length]);
            expect(scoredTokens(one[name])).toBeGreaterThan(0);
            if (keep === 'end') expect(scoredTokens(one[name])).toBe(scoredTokens(before[at]![name]));
          }
          const context = ({ ids, stepIds }: Example) => ids.filter((_, place) => stepIds[place]! < 0);
          expect(context(one.chosen)).toEqual(context(one.rejected));
        });
      },
    ),
  );
});

test('the end that was cut off ends nothing, and reference log-probs of other tokens are gone', () => {
  const { kept } = truncatePairs([pair(2, 1, 3, true)], { maxLength: 3, keep: 'start' });
  const { chosen, rejected } = kept[0]!;
  expect([chosen.ids, chosen.terminal, chosen.referenceLogps]).toEqual([[0, 1, 100], true, [-1]]);
  expect([rejected.ids, rejected.terminal, rejected.referenceLogps]).toEqual([[0, 1, 100], false, undefined]);
  const [end] = truncatePairs([pair(3, 1, 2, true)], { maxLength: 4, keep: 'end' }).kept;
  expect([end!.chosen.ids, end!.chosen.terminal, end!.chosen.referenceLogps]).toEqual([[1, 2, 100], true, undefined]);
});

test('a prompt that fills the length leaves nothing to compare: the pair goes', () => {
  expect(truncatePairs([pair(4, 1, 1)], { maxLength: 4, keep: 'start' }).dropped).toEqual([0]);
  expect(truncatePairs([pair(1, 1, 5)], { maxLength: 5, keep: 'end' }).dropped).toEqual([0]);
});

test('labelled completions by the same rules; settings out of range are errors', () => {
  const rows = [side(1, 2), side(1, 5)].map((example) => ({ example, label: true }));
  expect(truncateUnpaired(rows, { maxLength: 4 })).toEqual({
    kept: [rows[0]],
    dropped: [1],
    cut: 0,
    droppedTokens: 6,
    cutCompletionTokens: 0,
  });
  expect(truncateUnpaired(rows, { maxLength: 4, keep: 'start' })).toMatchObject({
    cut: 1,
    droppedTokens: 2,
    cutCompletionTokens: 2,
  });
  expect(() => truncatePairs([], { maxLength: 0 })).toThrow(
    'truncatePairs: maxLength must be a positive integer, got 0',
  );
  expect(() => truncatePairs([], { maxLength: 4, keep: 'middle' as 'end' })).toThrow(
    "keep must be 'start', 'end' or absent",
  );
  expect(() => truncateUnpaired([], { maxLength: 4, maxLenght: 4 } as never)).toThrow("did you mean 'maxLength'?");
});
