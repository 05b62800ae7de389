import { expect, it } from 'vitest';
import { policyId } from './policy-id.ts';

const identity = { model: 'm', format: 'blank-line', endpoint: 'chat' };

it('tells settings apart that change the distribution', () => {
  const variants = [
    {},
    { model: 'n' },
    { format: 'xml' },
    { endpoint: 'completions' },
    { maxTokens: 9 },
    { temperature: 0.5 },
    { topP: 0.9 },
    { topK: 5 },
    { minP: 0.1 },
    { system: 'S' },
    { extraBody: { a: 1 } },
  ];
  const ids = variants.map((variant) => policyId('openai', { ...identity, ...variant }));
  expect(new Set(ids).size).toBe(variants.length);
  expect(policyId('openai', { ...identity })).toBe(ids[0]);
});

it('leaves address, key and headers out', () => {
  const private_ = { ...identity, url: 'http://secret-host', apiKey: 'sk-1', headers: { a: 'b' } };
  expect(policyId('openai', private_)).toBe(policyId('openai', identity));
});
