import { expect, it } from 'vitest';
import { sglangScorer } from './sglang-scorer.ts';

const request = { question: { id: 'q', prompt: 'P: ' }, state: { questionId: 'q', steps: ['a\n\n', 'b'] } };
const scoreOf = async (reply: unknown, prompt?: string): Promise<unknown> => {
  const scorer = sglangScorer({
    url: 'http://127.0.0.1',
    model: 'm',
    fetch: async () => new Response(JSON.stringify(reply)),
    ...(prompt === undefined ? {} : { prompt: () => prompt }),
  });
  return (await scorer.score([request]))[0];
};
const answer = (tokens: unknown): object => ({ text: '', meta_info: { input_token_logprobs: tokens } });

it('sums what SGLang gives for the prompt, step by step', async () => {
  const tokens = [
    [null, 0, 'P'],
    [-9, 1, ': '],
    [-1, 2, 'a'],
    [-2, 3, '\n\n'],
    [-4, 4, 'b'],
  ];
  expect(await scoreOf([answer(tokens)])).toEqual({ logps: [-3, -4], tokens: 3 });
});

it('scores after another prompt where it is given one', async () => {
  const tokens = [
    [null, 0, 'Other'],
    [-1, 2, 'a'],
    [-2, 3, '\n\n'],
    [-4, 4, 'b'],
  ];
  expect(await scoreOf([answer(tokens)], 'Other')).toEqual({ logps: [-3, -4], tokens: 3 });
});

it.each([
  ['no log-probs of the prompt', [answer(undefined)], 'no log-probs of the prompt'],
  [
    'tokens without text',
    [
      answer([
        [null, 0, null],
        [-1, 1, null],
      ]),
    ],
    'do not spell',
  ],
  ['another shape', [{ text: 5 }], 'text'],
  ['no answer', [], 'no log-probs of the prompt'],
])('fails on %s', async (_, reply, words) => {
  expect(await scoreOf(reply)).toMatchObject({
    logps: [],
    failure: { kind: 'malformed', message: expect.stringContaining(words) },
  });
});
