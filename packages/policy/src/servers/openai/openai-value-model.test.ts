import { fakeServer, toyModel } from '@svo/policy/testing';
import { describe, expect, it } from 'vitest';
import { PolicyError } from '../../http/errors.ts';
import { type OpenaiValueModelOptions, openaiValueModel } from './openai-value-model.ts';

const asks = (...prompts: string[]) =>
  prompts.map((prompt) => ({ question: { id: 'q', prompt }, state: { questionId: 'q', steps: ['a\n\n'] } }));
const replying = (
  reply: unknown,
  options: Partial<OpenaiValueModelOptions> = {},
): ReturnType<typeof openaiValueModel> =>
  openaiValueModel({
    url: 'http://127.0.0.1',
    model: 'm',
    fetch: async () => new Response(JSON.stringify(reply)),
    retry: { attempts: 1 },
    ...options,
  });

it.each(['pooling', 'classify', 'embeddings', 'sglang-classify'] as const)(
  'reads the value of each text at %s, in order',
  async (endpoint) => {
    const model = toyModel({ seed: 2 });
    const server = await fakeServer({ model });
    const values = await openaiValueModel({ url: server.url, model: 'v', endpoint, maxBatch: 2 }).values(
      asks('x', 'y', 'z'),
    );
    expect(values).toEqual(['xa\n\n', 'ya\n\n', 'za\n\n'].map(model.value));
    expect(server.calls).toHaveLength(2);
    expect(await openaiValueModel({ url: `${server.url}/v1`, model: 'v', endpoint }).values(asks('x'))).toEqual(
      values.slice(0, 1),
    );
    expect(await openaiValueModel({ url: server.url, model: 'v', endpoint }).values([])).toEqual([]);
    await server.close();
  },
);

describe('a reply', () => {
  it('is put in order by its indices', async () => {
    const reply = {
      data: [
        { index: 1, data: [0.2] },
        { index: 0, data: [0.1] },
      ],
    };
    expect(await replying(reply).values(asks('x', 'y'))).toEqual([0.1, 0.2]);
  });

  it('of several numbers gives the one that is asked for: the last token, or the first class', async () => {
    const tokens = { data: [{ data: [[0.1], [0.2], [0.3]] }] };
    expect(await replying(tokens).values(asks('x'))).toEqual([0.3]);
    expect(await replying(tokens, { pick: 'first' }).values(asks('x'))).toEqual([0.1]);
  });

  it('of probabilities becomes ±1 values', async () => {
    const reply = { data: [{ probs: [0.75] }, { probs: [0] }] };
    expect(await replying(reply, { scale: 'probability' }).values(asks('x', 'y'))).toEqual([0.5, -1]);
  });

  it.each([
    ['too few values', { data: [{ data: [1] }] }, {}],
    ['too many values', { data: [1, 2, 3].map(() => ({ data: [1] })) }, {}],
    ['an empty value', { data: [{ data: [] }, { data: [1] }] }, {}],
    [
      'two values for one text',
      {
        data: [
          { index: 0, data: [1] },
          { index: 0, data: [1] },
        ],
      },
      {},
    ],
    ['a value that is no number', { data: [{ data: ['x'] }, { data: [1] }] }, {}],
    ['a value that is null', { data: [{ data: [null] }, { data: [1] }] }, {}],
    ['no probability', { data: [{ data: [1.5] }, { data: [1] }] }, { scale: 'probability' as const }],
  ])('with %s is malformed', async (_, reply, options) => {
    const error = await replying(reply, options)
      .values(asks('x', 'y'))
      .catch((thrown: unknown) => thrown);
    expect(PolicyError.isInstance(error) && error.failure.kind).toBe('malformed');
  });
});

describe('a failure', () => {
  it('in passing is tried again', async () => {
    const server = await fakeServer({
      faults: ({ index }) => (index < 2 ? { kind: 'status', status: 503 } : undefined),
    });
    const model = openaiValueModel({ url: server.url, model: 'v', retry: { baseMs: 1 } });
    expect(await model.values(asks('x'))).toHaveLength(1);
    expect(server.calls).toHaveLength(3);
    await server.close();
  });

  it('that lasts, or a refusal, rejects with what it was', async () => {
    const server = await fakeServer({ faults: ({ index }) => ({ kind: 'status', status: index === 0 ? 404 : 500 }) });
    const model = openaiValueModel({ url: server.url, model: 'v', retry: { baseMs: 1, attempts: 3 } });
    await expect(model.values(asks('x'))).rejects.toThrow('refused: HTTP 404');
    await expect(model.values(asks('x'))).rejects.toThrow('server: HTTP 500');
    expect(server.calls).toHaveLength(4);
    await server.close();
  });

  it('to wait for it is cut short by a cancellation', async () => {
    const server = await fakeServer({ faults: () => ({ kind: 'status', status: 429, retryAfter: '60' }) });
    const model = openaiValueModel({ url: server.url, model: 'v' });
    await expect(model.values(asks('x'), AbortSignal.timeout(50))).rejects.toThrow('cancelled');
    await server.close();
  });
});

it('refuses a batch of nothing', () => {
  expect(() => replying({}, { maxBatch: 0 })).toThrow('openaiValueModel: maxBatch must be a positive integer, got 0');
});
