import { expect, test } from 'vitest';
import { sameText, textWords } from './text.ts';

test.each([
  ['\\text{odd}', 'Odd.', true],
  ['The function is odd.', 'odd', true],
  ['The function is not odd.', 'odd', false],
  ['red, blue', 'blue and red', true],
  ['line segment, circle', 'line segment', false],
  ['yes', 'True', true],
  ['infinitely many', 'infinity', true],
  ['Petya will receive the last token.', 'Petya', true],
  ['Petya will receive the last token.', 'Vasya', false],
  ['even', 'n is even', true],
  ['prime', 'relatively prime', false],
  ['A, D', 'D', false],
] as const)('%s and %s: %s', (gold, prediction, expected) =>
  expect(sameText(gold, prediction).equal === true).toBe(expected),
);

test('two longer texts that differ stay open', () => {
  expect(
    sameText(
      'the quotient stays and the remainder grows threefold',
      'no, the quotient is kept while the remainder triples',
    ).equal,
  ).toBeUndefined();
});

test('words without LaTeX, punctuation and articles', () => {
  expect(textWords('\\text{The first player} wins!')).toEqual(['first', 'player', 'wins']);
});
