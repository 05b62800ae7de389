import { expect, it } from 'vitest';
import { toyModel } from '../toy-model.ts';
import { valueReply } from './value-protocols.ts';

const model = toyModel({ seed: 1 });

it('gives one number a text, in the form of each server', () => {
  const [a, b] = ['a', 'b'].map(model.value);
  expect(valueReply('/pooling', { input: ['a', 'b'] }, model)).toMatchObject({ data: [{ data: [a] }, { data: [b] }] });
  expect(valueReply('/v1/embeddings', { input: 'a' }, model)).toMatchObject({ data: [{ index: 0, embedding: [a] }] });
  expect(valueReply('/classify', { input: ['a'] }, model)).toMatchObject({ data: [{ probs: [a] }] });
  expect(valueReply('/classify', { text: ['a', 'b'] }, model)).toMatchObject([{ embedding: [a] }, { embedding: [b] }]);
  expect(valueReply('/elsewhere', { input: 'a' }, model)).toBeUndefined();
});
