import { tf, useBackend } from '@svo/tensor';
import { beforeAll, expect, test } from 'vitest';
import { idTensor, largestGap, randomised, smallLm } from '../test-support/small-models.ts';
import { headWeight, hiddenRows } from './decoder.ts';

beforeAll(async () => {
  await useBackend('cpu');
});

test('hiddenRows picks rows of the whole, in any order and more than once', () => {
  const lm = smallLm({ model_type: 'qwen2' });
  const params = randomised(lm.init(1));
  const ids = idTensor([
    [3, 9, 4],
    [5, 5, 1],
  ]);
  const all = hiddenRows(lm.decoder, params, ids).dataSync();
  const picked = hiddenRows(lm.decoder, params, ids, { rows: tf.tensor1d([4, 0, 4], 'int32') }).dataSync();
  const rowOf = (row: number): number[] => [...all.slice(row * 16, row * 16 + 16)];
  expect(largestGap(picked, [...rowOf(4), ...rowOf(0), ...rowOf(4)])).toBeLessThan(1e-6);
});

test('the head is its own matrix, or the embedding’s where tied', () => {
  const own = smallLm();
  const tied = smallLm({ tie_word_embeddings: true });
  const params = own.init(1);
  expect(headWeight(own.decoder, params)).toBe(params['lm_head.weight']);
  const { 'lm_head.weight': _, ...headless } = params;
  expect(headWeight(tied.decoder, headless)).toBe(params['model.embed_tokens.weight']);
  // A head that was saved apart from the base's matrix (PEFT's modules_to_save) is the head.
  expect(headWeight(tied.decoder, params)).toBe(params['lm_head.weight']);
  expect(() => headWeight(own.decoder, tied.init(1))).toThrow(
    /params\['lm_head.weight'\] must be \[19,16\], got nothing/,
  );
});

test('rotary tables are remembered by length', () => {
  const { decoder } = smallLm();
  expect(decoder.tables(7)).toBe(decoder.tables(7));
  expect(decoder.tables(8).rope?.length).toBe(8);
  for (let length = 20; length < 40; length++) decoder.tables(length);
  expect(decoder.tables(7).rope?.cos).toEqual(decoder.tables(8).rope?.cos.slice(0, 7 * 2));
});
