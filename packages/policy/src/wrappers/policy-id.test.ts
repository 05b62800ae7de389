import { blankLineFormat } from '@svo/mdp';
import { expect, test } from 'vitest';
import { type OpenaiPolicyOptions, openaiPolicy } from '../servers/openai/openai-policy.ts';

const idOf = (options: Partial<OpenaiPolicyOptions> = {}): string =>
  openaiPolicy({ url: 'http://h', model: 'm', format: blankLineFormat, endpoint: 'chat', ...options }).id;

test('an id tells apart whatever decides what is drawn', () => {
  const system = (words: string): Partial<OpenaiPolicyOptions> => ({
    messages: ({ prompt }) => [
      { role: 'system', content: words },
      { role: 'user', content: prompt },
    ],
  });
  const ids = [
    idOf(),
    idOf({ temperature: 0.7 }),
    idOf({ topP: 0.9 }),
    idOf({ maxTokens: 9 }),
    idOf({ system: 'Think.' }),
    idOf({ extraBody: { repetition_penalty: 1.1 } }),
    idOf({ specialTokens: ['<s>'] }),
    idOf({ endpoint: 'completions' }),
    idOf({ endpoint: 'completions', prompt: ({ prompt }) => `Q: ${prompt}` }),
    // One function twice, with another word in its closure.
    idOf(system('Think.')),
    idOf(system('Do not think.')),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  expect(idOf(system('Think.'))).toBe(idOf(system('Think.')));
});

test('an id holds no address and no key, and a function that fails on the question it is tried on has one', () => {
  expect(idOf({ url: 'http://elsewhere', apiKey: 'sk-1' })).toBe(idOf());
  const failing = (): never => {
    throw new TypeError('not for this question');
  };
  expect(idOf({ messages: failing })).toMatch(/^openai:m:/);
});
