import { fakeServer, toyModel } from '@svo/policy/testing';
import { describe, expect, it } from 'vitest';
import { llamaScorer } from './llama-scorer.ts';

const request = {
  question: { id: 'q', prompt: 'Go. ' },
  state: { questionId: 'q', steps: ['Add two.\n\n', 'Final Answer: 5'] },
};
const json = (value: unknown): Response => new Response(JSON.stringify(value));

describe('llamaScorer', () => {
  it('asks for one token at a time, after tokens and not after a text, and for those of steps only', async () => {
    const server = await fakeServer({ model: toyModel({ seed: 1 }) });
    const [score] = await llamaScorer({ url: `${server.url}/v1`, model: 'toy' }).score([request]);
    await server.close();
    expect(server.calls.map(({ path }) => path)).toEqual([
      '/tokenize',
      ...Array(score!.tokens).fill('/v1/completions'),
    ]);
    for (const { body } of server.calls.slice(1)) {
      expect(body).toMatchObject({ max_tokens: 1, logprobs: 1, cache_prompt: true });
      expect((body.prompt as number[]).length).toBeGreaterThanOrEqual(4);
    }
  });

  it('keeps at most maxInFlight states going', async () => {
    let [now, most] = [0, 0];
    const slow: typeof fetch = async (...args) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 1));
      now--;
      return fetch(...args);
    };
    const server = await fakeServer({ model: toyModel({ seed: 1 }) });
    const scorer = llamaScorer({ url: server.url, model: 'toy', maxInFlight: 3, fetch: slow });
    const scores = await scorer.score(Array(8).fill(request));
    await server.close();
    expect(most).toBe(3);
    expect(new Set(scores.map((score) => JSON.stringify(score))).size).toBe(1);
    expect(() => llamaScorer({ url: server.url, model: 'toy', maxInFlight: 0 })).toThrow(
      'llamaScorer: maxInFlight must be a positive integer, got 0',
    );
  });

  it.each([
    [
      'tokens of another text',
      {
        tokens: [
          { id: 1, piece: 'Stop' },
          { id: 2, piece: ' it' },
        ],
      },
      'do not spell the text',
    ],
    ['no pieces', { tokens: [1, 2, 3] }, 'another shape'],
    [
      'another token than the one forced',
      {
        tokens: [
          { id: 1, piece: 'Go. ' },
          { id: 2, piece: 'Add two.\n\nFinal Answer: 5' },
        ],
      },
      'drew token 7 where 2 was forced',
    ],
  ])('a server that gives %s is a failure', async (_, tokens, message) => {
    const replies = [tokens, { choices: [{ logprobs: { content: [{ id: 7, logprob: -1 }] } }] }];
    const scorer = llamaScorer({ url: 'http://x', model: 'toy', fetch: async () => json(replies.shift()) });
    const [score] = await scorer.score([request]);
    expect(score).toMatchObject({
      logps: [],
      failure: { kind: 'malformed', message: expect.stringContaining(message) },
    });
  });

  it('reads a token that is part of a character from among all tokens, where a whole one is drawn', async () => {
    const tokens = {
      tokens: [
        { id: 1, piece: 'Go. ' },
        { id: 2, piece: [195] },
        { id: 3, piece: [132] },
      ],
    };
    const asked: Record<string, unknown>[] = [];
    const reply: typeof fetch = async (address, init) => {
      if (String(address).endsWith('/tokenize')) return json(tokens);
      asked.push(JSON.parse(String(init?.body)));
      const top_logprobs = [2, 3].map((id) => ({ id, logprob: -id }));
      return json({ choices: [{ logprobs: { content: [{ id: 1, logprob: -0.5, top_logprobs }] } }] });
    };
    const scorer = llamaScorer({ url: 'http://x', model: 'toy', fetch: reply });
    const state = { questionId: 'q', steps: ['Ä'] };
    expect(await scorer.score([{ ...request, state }])).toEqual([{ logps: [-5], tokens: 2 }]);
    expect(asked.map(({ prompt, logit_bias }) => [prompt, logit_bias])).toEqual([
      [[1], { 1: 1e4 }],
      [[1, 2], { 1: 1e4 }],
    ]);
  });

  it('is cancelled at once', async () => {
    const scorer = llamaScorer({ url: 'http://x', model: 'toy', fetch: () => new Promise(() => {}) });
    const scores = await scorer.score([request, request], AbortSignal.timeout(5));
    expect(scores.map(({ failure }) => failure?.kind)).toEqual(['cancelled', 'cancelled']);
  });
});
