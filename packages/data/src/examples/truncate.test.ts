import fc from 'fast-check';
import { expect, test } from 'vitest';
import { examples } from '../test-support/examples.ts';
import { truncateExamples, truncateSteps } from './truncate.ts';

test('what is left is the beginning, whole steps with their credits and reference log-probs, and it fits', () => {
  fc.assert(
    fc.property(
      examples,
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 6 }),
      (example, maxLength, maxSteps) => {
        const { example: kept, droppedSteps, droppedTokens } = truncateSteps(example, { maxLength, maxSteps });
        const steps = kept?.credits.length ?? 0;
        const tokens = kept?.ids.length ?? 0;
        expect(droppedSteps).toBe(example.credits.length - steps);
        expect(droppedTokens).toBe(example.ids.length - tokens);
        expect(tokens <= maxLength && steps <= maxSteps).toBe(true);
        // Every token of a step that is left is left, and none of one that is dropped.
        const scored = example.stepIds.filter((step) => step >= 0 && step < steps);
        expect(kept?.stepIds.filter((step) => step >= 0) ?? []).toEqual(kept ? scored : []);
        if (!kept) return;
        expect(example.ids.slice(0, tokens)).toEqual(kept.ids);
        expect(example.credits.slice(0, steps)).toEqual(kept.credits);
        expect(example.referenceLogps?.slice(0, steps)).toEqual(kept.referenceLogps);
        if (droppedSteps > 0) expect(kept.terminal).toBe(false);
      },
    ),
  );
});

test('no more is dropped than has to be: one step more would not fit', () => {
  fc.assert(
    fc.property(examples, fc.integer({ min: 1, max: 40 }), (example, maxLength) => {
      const { example: kept } = truncateSteps(example, { maxLength });
      const steps = kept?.credits.length ?? 0;
      if (steps === example.credits.length) return;
      const nextEnd = example.stepIds.findIndex((step) => step > steps);
      expect(nextEnd === -1 ? example.ids.length : nextEnd).toBeGreaterThan(maxLength);
    }),
  );
});

test('an example that fits is the same object', () => {
  fc.assert(
    fc.property(examples, (example) => {
      expect(truncateSteps(example, { maxLength: example.ids.length }).example).toBe(example);
    }),
  );
});

test('a step without a scored token goes with the one before it', () => {
  const example = { ids: [1, 2, 3, 4], stepIds: [-1, 0, -1, 2], credits: [1, 2, 3], terminal: true };
  expect(truncateSteps(example, { maxLength: 3 }).example).toMatchObject({
    ids: [1, 2, 3],
    credits: [1, 2],
    terminal: false,
  });
});

test('sums over a data set', () => {
  const long = { ids: [7, 8, 9, 10], stepIds: [-1, 0, 0, 1], credits: [0.5, 1], terminal: true };
  const { examples: kept, ...counts } = truncateExamples(
    [long, { ...long, ids: [7, 8], stepIds: [-1, 0], credits: [1] }],
    { maxLength: 3 },
  );
  expect(kept.map(({ credits }) => credits)).toEqual([[0.5], [1]]);
  expect(counts).toEqual({ dropped: [], droppedExamples: 0, droppedSteps: 1, droppedTokens: 1 });
  expect(truncateExamples([long], { maxLength: 1 })).toEqual({
    examples: [],
    dropped: [0],
    droppedExamples: 1,
    droppedSteps: 2,
    droppedTokens: 4,
  });
});

test('limits below 1 are errors', () => {
  const example = { ids: [1], stepIds: [0], credits: [0], terminal: false };
  expect(() => truncateSteps(example, { maxLength: 0 })).toThrow('truncateSteps: maxLength must be at least 1, got 0');
  expect(() => truncateSteps(example, { maxSteps: Number.NaN })).toThrow(
    'truncateSteps: maxSteps must be at least 1, got NaN',
  );
});
