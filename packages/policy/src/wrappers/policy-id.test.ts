import { blankLineFormat } from '@svo/mdp';
import { expect, test } from 'vitest';
import { type OpenaiPolicyOptions, openaiPolicy } from '../servers/openai/openai-policy.ts';
import { openaiValueModel } from '../servers/openai/openai-value-model.ts';

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

test('an id tells apart what the first question behind one step does not show', () => {
  const steps = (joined: string): Partial<OpenaiPolicyOptions> => ({
    endpoint: 'completions',
    prompt: ({ prompt }, state) => prompt + state.steps.join(joined),
  });
  const at = (place: (words: string, before: number) => string): Partial<OpenaiPolicyOptions> => ({
    endpoint: 'completions',
    prompt: ({ prompt }, state) => place(prompt, state.steps.length),
  });
  const fails = (word: string): Partial<OpenaiPolicyOptions> =>
    word === 'a'
      ? { messages: () => [(undefined as never as { a: never }).a] }
      : { messages: () => [(undefined as never as { b: never }).b] };
  const ids = [
    ...[idOf(steps('')), idOf(steps('\n'))],
    idOf(at((prompt, before) => (before === 0 ? `Think. ${prompt}` : prompt))),
    idOf(at((prompt) => prompt)),
    idOf(at((prompt) => prompt.trim().slice(0, 16))),
    ...[idOf(fails('a')), idOf(fails('b'))],
    ...[idOf(), idOf({ logps: 'optional' }), idOf({ logps: 'none' }), idOf({ fanOut: true }), idOf({ seeded: false })],
  ];
  expect(new Set(ids).size).toBe(ids.length);
  // How it comes over the wire decides nothing.
  expect(idOf({ stream: true, timeoutMs: 5, logps: 'required', fanOut: false, seeded: true })).toBe(idOf());
});

test('so does a value model’s, of which number of several it takes', () => {
  const model = (pick?: 'first' | 'last') =>
    openaiValueModel({ url: 'http://h', model: 'm', ...(pick && { pick }) }).id;
  expect(model('last')).toBe(model());
  expect(model('first')).not.toBe(model());
});
