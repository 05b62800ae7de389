import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commonLength, completionOf, extractPrompt } from './conversation.ts';

test('prompt and completion are the text again, and the prompt is common to both', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ') });
  fc.assert(
    fc.property(text, text, text, (shared, one, other) => {
      const { prompt, chosen, rejected } = extractPrompt(shared + one, shared + other);
      expect(`${prompt}${chosen}`).toBe(shared + one);
      expect(`${prompt}${rejected}`).toBe(shared + other);
      expect(
        String(prompt).endsWith(' ') && prompt.length > 0 && commonLength(String(chosen), String(rejected)) === 0,
      ).toBe(false);
    }),
  );
});

test('common length of lists, by their own sameness', () => {
  expect(commonLength([1, 2, 3], [1, 2, 4])).toBe(2);
  expect(commonLength(['a'], ['A'], (x, y) => x.toLowerCase() === y.toLowerCase())).toBe(1);
});

test('the turns of a completion are joined', () => {
  expect(
    completionOf([
      { role: 'assistant', content: 'a' },
      { role: 'assistant', content: 'b' },
    ]),
  ).toBe('ab');
});
