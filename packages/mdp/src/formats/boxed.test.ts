import { expect, test } from 'vitest';
import { boxedFormat as format } from './boxed.ts';

test.each([
  ['\\boxed{5}', '5'],
  ['\\boxed {5}', '5'],
  ['\\(\\boxed{\\frac{1}{2}}\\)', '\\frac{1}{2}'],
  ['\\boxed{4} no, \\boxed{5}', '5'],
  ['\\boxed{a \\boxed{b} c}', 'a \\boxed{b} c'],
  ['\\boxed{\\{1, 2\\}}', '\\{1, 2\\}'],
  ['\\boxed{\\left\\{ x \\}', undefined],
  ['\\boxed{4} and then \\boxed{', '4'],
  ['\\boxed{}', undefined],
  ['{5}', undefined],
  ['\\boxed 5', undefined],
])('%j → %j', (text, answer) => {
  expect(format.answer(text)).toBe(answer);
  expect(format.isTerminal(text)).toBe(answer !== undefined);
});

test('steps are those of blank lines', () => {
  expect(format.split('a\n\n\\(\\boxed{5}\\).')).toEqual(['a\n\n', '\\(\\boxed{5}\\).']);
  expect(format.id).toBe('boxed');
});
