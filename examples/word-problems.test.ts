import { blankLineFormat } from '@svo/mdp';
import { characterTokenizer } from '@svo/models';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asked, wordProblems } from './word-problems.ts';

test('problems are different, worked out right, and the first of a seed stay the same however many are asked for', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 1, max: 60 }), (seed, count) => {
      const problems = wordProblems(count, seed);
      expect(new Set(problems.map(({ text }) => text)).size).toBe(count);
      expect(wordProblems(count + 7, seed).slice(0, count)).toEqual(problems);
      for (const { text, steps, answer } of problems) {
        expect(blankLineFormat.split(steps.join(''))).toEqual(steps);
        expect(blankLineFormat.answer(steps.join(''))).toBe(answer);
        const [a, b] = text.match(/\d+/g)!.map(Number) as [number, number];
        expect(answer).toBe(String(text.includes('gives away') ? a - b : a + b));
        expect(steps[0]).toBe(`${a} ${text.includes('gives away') ? '-' : '+'} ${b} = ${answer}\n\n`);
      }
    }),
    { numRuns: 20 },
  );
});

test.each([0, 2.5, 3001])('%s problems are refused', (count) => {
  expect(() => wordProblems(count, 1)).toThrow(`wordProblems: count must be an integer from 1 to 3000, got ${count}`);
});

test('a problem is asked behind two that end as the model ends its own texts', () => {
  const tokenizer = characterTokenizer('x');
  const prompt = asked(tokenizer, { text: 'How many?' });
  const end = tokenizer.decode([tokenizer.eosId!], { keepSpecialTokens: true });
  expect(end).not.toBe('');
  expect(prompt.split(end)).toHaveLength(3);
  expect(prompt).toMatch(/gets[\s\S]*gives away[\s\S]*\nHow many\?\n\n$/);
});
