import { createRng } from '@svo/mdp';
import { expect, test } from 'vitest';
import { drawChain } from './chains.ts';
import { uniqueSplits } from './unique.ts';

const draw = (sizes: Readonly<Record<string, number>>) => uniqueSplits(createRng(1), drawChain, sizes);

test('splits share no prompt, and a later split does not change an earlier one', () => {
  const { test: unseen, train } = draw({ test: 100, train: 1000 });
  const prompts = [...unseen!, ...train!].map(({ question }) => question.prompt);
  expect(new Set(prompts).size).toBe(1100);
  expect(draw({ test: 100, train: 20 }).test).toEqual(unseen);
});

test('more questions than there are is an error, not a search without end', () => {
  const one = () => ({ question: { id: 'q', prompt: '1+1?', answer: '2' }, solution: ['2'] });
  expect(() => uniqueSplits(createRng(1), one, { test: 2 })).toThrow('test must have 2 different questions, found 1');
});
