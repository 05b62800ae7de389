import { expect, test } from 'vitest';
import type { Node } from '../reading/ast.ts';
import { contextOf, read } from '../test-support/reading.ts';
import { sameRelation, sameSolved } from './relation.ts';

const chain = (text: string) => read(text) as Extract<Node, { k: 'rel' }>;
const same = (a: string, b: string) => sameRelation(chain(a), chain(b), contextOf()).equal;

test.each([
  ['2x+4y-3=0', 'y=-\\frac12x+\\frac34', true],
  ['x^2/4+y^2/3=1', 'x^2/16+y^2/12=1/4', true],
  ['x+y=1', 'x+y=2', false],
  ['xy=1', 'x^2y=x', false],
  ['x+y<1', '2x+2y<2', true],
  ['x+y<1', '-x-y<-1', false],
  ['x+y<1', '1>x+y', true],
  ['x+y<1', 'x+y\\le 1', false],
  ['a<b<c', 'c>b>a', true],
  ['a<b<c', 'a<c<b', false],
  ['x+y\\ne 1', '2x+2y \\ne 2', true],
] as const)('%s and %s: %s', (a, b, expected) => expect(same(a, b)).toBe(expected));

test('an equation answers the expression it is solved by', () => {
  const solved = (equation: string, expression: string) =>
    sameSolved(chain(equation), read(expression), contextOf()).equal;
  expect(solved('y + 1 = -(2x-1)^2', '-4x^2+4x-2')).toBe(true);
  expect(solved('y + 1 = -(2x-1)^2', '-4x^2+4x-1')).toBe(false);
  expect(solved('y^2 = x', '\\sqrt{x}')).toBe(false);
  expect(solved('7 = 11a+c', '11a+c')).toBe(false);
});
