import { expect, test } from 'vitest';
import { grid, layOut } from './layout.ts';

const example = { ids: [1, 2, 3], stepIds: [-1, 0, 1], credits: [0.5, 0.25], terminal: true };

test('sizes are the largest found, rounded up, or those fixed', () => {
  const short = { ids: [1], stepIds: [0], credits: [1], terminal: true };
  expect(layOut('f', [short, example], { padId: 0, multipleOf: 2 })).toMatchObject({
    length: 4,
    steps: 2,
    lengths: [1, 3],
  });
  expect(layOut('f', [short], { padId: 0, length: 5, steps: 3 })).toMatchObject({ length: 5, steps: 3 });
});

test('what is not known is NaN, what is not there is 0', () => {
  const { referenceLogps, mask, credits } = layOut('f', [example], { padId: 0, steps: 3 });
  expect([...referenceLogps.data]).toEqual([Number.NaN, Number.NaN, 0]);
  expect([...mask.data]).toEqual([1, 1, 0]);
  expect([...credits.data]).toEqual([0.5, 0.25, 0]);
});

test('errors begin with the name of the caller', () => {
  expect(() => layOut('packExamples', [], { padId: 0 })).toThrow(
    'packExamples: examples must hold at least one, got none',
  );
  expect(() => layOut('collate', [example], { padId: 0, steps: 1 })).toThrow(
    'collate: steps must be a positive integer of at least 2, got 1',
  );
});

test('a grid knows its shape', () => {
  expect(grid(new Int32Array(6), 2).shape).toEqual([2, 3]);
});
