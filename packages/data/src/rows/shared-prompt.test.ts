import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assistant, user } from '../test-support/templates.ts';
import { commonLength } from './conversation.ts';
import { sharedText, sharedTurns, splitSides } from './shared-prompt.ts';

test('a shared text is common to both, ends behind no space and in no character, and leaves each side something', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '😀', '😁') });
  fc.assert(
    fc.property(text, text, text, (shared, one, other) => {
      const [chosen, rejected] = [`${shared}${one}a`, `${shared}${other}b`];
      const prompt = sharedText(chosen, rejected);
      expect(chosen.startsWith(prompt) && rejected.startsWith(prompt)).toBe(true);
      expect(prompt.endsWith(' ')).toBe(prompt.trimEnd() !== prompt);
      expect(prompt).not.toMatch(/\p{Surrogate}/u);
      expect([chosen.length, rejected.length].every((length) => length > prompt.length)).toBe(true);
      // Nothing more is shared than a space, or half of two different characters.
      expect(commonLength(chosen.slice(prompt.length), rejected.slice(prompt.length))).toBeLessThanOrEqual(2);
    }),
  );
});

test('sides that are alike, or one the beginning of the other, keep their last character', () => {
  expect(sharedText('The sky', 'The sky')).toBe('The sk');
  expect(sharedText('The sky', 'The sky is blue')).toBe('The sk');
  expect(sharedText('a', 'a')).toBe('');
});

test('common length of lists, by their own sameness', () => {
  expect(commonLength([1, 2, 3], [1, 2, 4])).toBe(2);
  expect(commonLength(['a'], ['A'], (x, y) => x.toLowerCase() === y.toLowerCase())).toBe(1);
});

test("shared turns end before an assistant's, on both sides", () => {
  const start = [user('Q'), assistant('A'), user('R')];
  expect(
    sharedTurns([
      [...start, assistant('B')],
      [...start, assistant('C')],
    ]),
  ).toBe(3);
  expect(
    sharedTurns([
      [...start, assistant('B')],
      [...start, assistant('B')],
    ]),
  ).toBe(3);
  // What one side asks on is its own: both are judged from the assistant's turn before it.
  expect(sharedTurns([[user('Q'), assistant('A')], start.concat(assistant('B'))])).toBe(1);
  expect(() => sharedTurns([[assistant('A')], [assistant('B')]])).toThrow('must share at least one turn');
  expect(() =>
    sharedTurns([
      [user('Q'), assistant('A')],
      [user('R'), assistant('A')],
    ]),
  ).toThrow('must share');
});

test('a prompt of messages may be repeated by the sides, and go on in them', () => {
  const [Q, R, A, B] = [user('Q'), user('R'), assistant('A'), assistant('B')];
  expect(splitSides([Q], [[A], [B]])).toEqual({ before: [Q], turns: [[A], [B]] });
  expect(
    splitSides(
      [Q],
      [
        [Q, A],
        [Q, B],
      ],
    ),
  ).toEqual({ before: [Q], turns: [[A], [B]] });
  expect(
    splitSides(
      [{ role: 'system', content: 'S' }],
      [
        [Q, A],
        [Q, B],
      ],
    ).before,
  ).toHaveLength(2);
  expect(splitSides([Q], [[R, A], [B]]).turns).toEqual([[R, A], [B]]); // refused where it is rendered
});

test('a text prompt must be among the shared turns, and answers alone must say whose turn it is', () => {
  const sides = [
    [user('Q'), assistant('A')],
    [user('Q'), assistant('B')],
  ];
  expect(splitSides(' Q\n', sides).before).toEqual([user('Q')]);
  expect(() => splitSides('Another', sides)).toThrow('prompt must be among the turns its conversations begin with');
  expect(() => splitSides('Q', [[assistant('A')], [assistant('B')]])).toThrow('prompt must be messages');
});
