import { expect, test } from 'vitest';
import { enclosed, union } from './span.ts';

test('union merges what overlaps and keeps what only touches', () => {
  expect(
    union([
      [5, 8],
      [0, 2],
      [1, 3],
      [3, 4],
    ]),
  ).toEqual([
    [0, 3],
    [3, 4],
    [5, 8],
  ]);
  expect(union([])).toEqual([]);
});

test('enclosed stretches end at the first closer; an open one is none', () => {
  expect(enclosed('<a>x</a>y<a></a><a>', ['<a>', '</a>'])).toEqual([
    [0, 8],
    [9, 16],
  ]);
});
