import { expect, it } from 'vitest';
import { addReceipts, receiptOf, withReceipt } from './receipts.ts';

const answer = [{ text: 'a', count: 2, finish: 'step', logps: [-1, -2, -3] }] as const;

it('lies beside the answer, which stays what it was', () => {
  const noted = withReceipt(answer, { requests: 1, promptTokens: 5 });
  expect(noted).toEqual(answer);
  expect(receiptOf(noted)).toMatchObject({ requests: 1, promptTokens: 5, retries: 0 });
});

it('is that of one answer, not of the array it was copied from', () => {
  const first = withReceipt(answer, { requests: 1 });
  const second = withReceipt(first, { cacheHits: 1 });
  expect(receiptOf(first).requests).toBe(1);
  expect(receiptOf(second)).toMatchObject({ requests: 0, cacheHits: 1 });
});

it('without one, counts the tokens the log-probs or ids show, each draw of them', () => {
  expect(receiptOf(answer).completionTokens).toBe(6);
  expect(receiptOf([{ text: 'a', count: 1, finish: 'step', tokenIds: [1, 2] }]).completionTokens).toBe(2);
});

it('adds up', () => {
  expect(addReceipts([{ retries: 1 }, { retries: 2, requests: 3 }])).toEqual({
    requests: 3,
    promptTokens: 0,
    notes: [],
    completionTokens: 0,
    retries: 3,
    cacheHits: 0,
  });
});
