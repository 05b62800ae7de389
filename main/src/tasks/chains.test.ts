import { blankLineFormat, createRng } from '@svo/mdp';
import { mathVerifier } from '@svo/verify';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { apply, drawChain, names, type Operator } from './chains.ts';

const chains = fc.integer({ min: 0, max: 2 ** 31 }).map((seed) => drawChain(createRng(seed), 'q'));

test('a solution works out its own question: every equation is true and takes what the question says', () => {
  fc.assert(
    fc.property(chains, ({ question, solution }) => {
      const values = new Map<string, number>();
      const definitions = question.prompt.trim().split(';').slice(0, -1);
      expect(definitions.length).toBe(solution.length - 1);
      definitions.forEach((definition, i) => {
        const [, name, left, operator, right] = /^(\w)=(\w+)([-+*/])(\w+)$/.exec(definition)!;
        const number = (term: string) => values.get(term) ?? Number(term);
        const result = apply(operator as Operator, number(left!), number(right!));
        expect(name).toBe(names[i]);
        expect(solution[i]).toBe(`${number(left!)}${operator}${number(right!)}=${result}\n\n`);
        values.set(name!, result);
      });
      expect(solution.at(-1)).toBe(`Final Answer: (${[...values.values()].join(', ')})`);
    }),
    { numRuns: 500 },
  );
});

test('a solution is in DVO’s step format and judged right; one with any number changed is not', () => {
  fc.assert(
    fc.property(chains, fc.nat(), ({ question, solution }, pick) => {
      const response = solution.join('');
      expect(blankLineFormat.split(response)).toEqual(solution);
      expect(solution.length).toBeLessThanOrEqual(8);
      expect(mathVerifier(question, response).equivalent).toBe(true);
      const numbers = [...solution.at(-1)!.matchAll(/\d+/g)];
      const { index, 0: number } = numbers[pick % numbers.length]!;
      const last = solution.at(-1)!;
      const wrong = `${last.slice(0, index)}${Number(number) + 1}${last.slice(index + number.length)}`;
      expect(mathVerifier(question, wrong).equivalent).toBe(false);
    }),
  );
});

test('the same stream draws the same question', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      expect(drawChain(createRng(seed), 'a')).toEqual(drawChain(createRng(seed), 'a'));
    }),
  );
});
