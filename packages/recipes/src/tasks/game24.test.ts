import fc from 'fast-check';
import { expect, test } from 'vitest';
import { game24, game24Rows, solveCountdown } from './index.ts';

const question = (numbers: readonly number[], target: number) => ({
  ...{ id: 'q', prompt: '', answer: `${target} from ${numbers.join(' ')}` },
});

test('1,362 of the 1,820 hands of four numbers up to 13 make 24: as many as the game’s site and Tree of Thoughts’ file hold', () => {
  const rows = game24Rows();
  expect(rows).toHaveLength(1362);
  expect(new Set(rows.map(({ numbers }) => numbers.toSorted((a, b) => a - b).join())).size).toBe(1362);
  // Another judge than the solver: the published verifier calls each of them right.
  for (const { numbers, target, solution } of rows)
    expect(game24.verifier(question(numbers, target), solution.join('')).equivalent, solution.join('')).toBe(true);
});

test('the order is the seed’s', () => {
  const hands = (seed: number) => game24Rows({ seed, numbers: 3, largest: 8 }).map(({ numbers }) => numbers.join());
  expect(hands(1)).toEqual(hands(1));
  expect(hands(1)).not.toEqual(hands(2));
});

test('hands that only fractions solve', () => {
  expect(solveCountdown([3, 3, 8, 8], 24)?.steps).toEqual([
    '8/3=8/3 (left: 3 8 8/3)\n\n',
    '3-(8/3)=1/3 (left: 8 1/3)\n\n',
    '8/(1/3)=24 (left: 24)\n\n',
    'Final Answer: 8/(3-8/3)=24',
  ]);
  for (const hand of [
    [1, 5, 5, 5],
    [4, 4, 7, 7],
    [1, 3, 4, 6],
  ])
    expect(solveCountdown(hand, 24)).toBeDefined();
});

test('every way that is found is right, whatever the seed; the steps end with it', () => {
  const hand = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(hand, fc.integer({ min: 0, max: 30 }), fc.nat(), (numbers, target, seed) => {
      const found = solveCountdown(numbers, target, { seed });
      expect(found === undefined).toBe(solveCountdown(numbers, target) === undefined);
      if (found === undefined) return;
      const { steps, expression } = found;
      expect(game24.verifier(question(numbers, target), steps.join('')).equivalent, expression).toBe(true);
      expect(steps).toHaveLength(numbers.length);
      expect(game24.format.split(steps.join(''))).toEqual(steps);
    }),
    { numRuns: 60 },
  );
});

test('options outside their range are refused', () => {
  expect(() => game24Rows({ numbers: 6 })).toThrow('game24Rows: 2 to 5 numbers up to 20');
  expect(() => game24Rows({ largest: 0 })).toThrow('largest');
  expect(() => game24Rows({ count: 3 } as never)).toThrow('count');
  expect(() => solveCountdown([1, 2, 3, 4, 5, 6, 7], 24)).toThrow(
    'solveCountdown: numbers must be 1 to 6 whole numbers',
  );
});
