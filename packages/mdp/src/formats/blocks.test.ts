import { expect, test } from 'vitest';
import { cutsOutside, protectedSpans } from './blocks.ts';

const inside = (text: string, whole?: readonly (readonly [string, string])[]) =>
  protectedSpans(text, whole).map(([start, end]) => text.slice(start, end));

test('fences come first: a $$ in a script opens nothing outside it', () => {
  expect(inside('pid $$ is\n```sh\necho $$\n```\nand $$x$$')).toEqual(['```sh\necho $$\n```', '$$x$$']);
});

test('spans of a caller are joined with those of the text where they overlap', () => {
  expect(inside('(a $$b) c$$ d', [['(', ')']])).toEqual(['(a $$b) c$$']);
  expect(inside('(a) $$b$$', [['(', ')']])).toEqual(['(a)', '$$b$$']);
});

test('plain text has none', () => {
  expect(inside('2 + 3 = 5, that is $5$')).toEqual([]);
});

test('cuts are dropped where the delimiter reaches into a span, kept where it touches its edge', () => {
  const text = 'a--[b--c]--d';
  expect(cutsOutside(text, { after: /-+/g }, [[3, 9]])).toEqual([3, 11]);
  expect(cutsOutside(text, { before: /-+/g }, [[3, 9]])).toEqual([1, 9]);
  expect(cutsOutside(text, { after: /-+/g, before: /[bd]/g }, [])).toEqual([3, 4, 7, 11, 11]);
});
