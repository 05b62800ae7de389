import { blankLineFormat, type ProposeRequest } from '@svo/mdp';
import { type FakeServer, fakeServer, toyModel } from '@svo/policy/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { receiptOf } from '../../wrappers/receipts.ts';
import { openaiPolicy } from '../openai/openai-policy.ts';
import { type SglangPolicyOptions, sglangPolicy } from './sglang-policy.ts';

let server: FakeServer;
beforeAll(async () => {
  server = await fakeServer({ model: toyModel({ seed: 9 }) });
});
afterAll(() => server.close());
const create = (options: Partial<SglangPolicyOptions> = {}): ReturnType<typeof sglangPolicy> =>
  sglangPolicy({ url: server.url, model: 'toy', format: blankLineFormat, ...options });
const ask = (seed: number, count = 3): ProposeRequest => ({
  question: { id: 'q', prompt: 'Add' },
  state: { questionId: 'q', steps: [] },
  count,
  seed,
});
const texts = (list: readonly { text: string }[]): string[] => list.map(({ text }) => text);

it('draws what the OpenAI protocol draws from the same model', async () => {
  const other = openaiPolicy({ url: server.url, model: 'toy', format: blankLineFormat });
  expect(texts(await create().propose(ask(4)))).toEqual(texts(await other.propose(ask(4))));
  expect(await create({ stream: true }).propose(ask(4))).toEqual(await create().propose(ask(4)));
});

it('gives every candidate a seed of its own, since SGLang draws the same twice from one', async () => {
  await create().propose(ask(5, 6));
  const sampling = server.calls.at(-1)!.body.sampling_params as { sampling_seed: number }[];
  expect(new Set(sampling.map((one) => one.sampling_seed)).size).toBe(6);
});

it('answers a batch in one request, each member with its own', async () => {
  const before = server.calls.length;
  const requests = [ask(1, 2), ask(2, 3), ask(3, 1)];
  const answers = await create().proposeMany!(requests);
  expect(server.calls.length - before).toBe(1);
  expect(answers).toEqual(await Promise.all(requests.map((request) => create().propose(request))));
  expect(answers.map((answer) => receiptOf(answer).requests)).toEqual([1, 0, 0]);
});

it('sends its options', async () => {
  await create({
    maxTokens: 9,
    temperature: 0.2,
    topP: 0.5,
    topK: 3,
    minP: 0.1,
    sampling: { no_stop_trim: true },
  }).propose(ask(1));
  expect((server.calls.at(-1)!.body.sampling_params as object[])[0]).toMatchObject({
    max_new_tokens: 9,
    temperature: 0.2,
    top_p: 0.5,
    top_k: 3,
    min_p: 0.1,
    stop: ['\n\n'],
    no_stop_trim: true,
  });
  expect(server.calls.at(-1)!.body).toMatchObject({ return_logprob: true, logprob_start_len: -1 });
  const bare = await create({ logps: 'none' }).propose(ask(1));
  expect(server.calls.at(-1)!.body).toMatchObject({ return_logprob: false });
  expect(bare[0]).not.toHaveProperty('logps');
});

it('keeps a member that failed apart from the others', async () => {
  const few = await fakeServer({ faults: () => ({ kind: 'wrong-count', count: 3 }) });
  const answers = await sglangPolicy({ url: few.url, model: 'toy', format: blankLineFormat }).proposeMany!([
    ask(1, 2),
    ask(2, 2),
  ]);
  await few.close();
  expect(answers.map((answer) => answer.map(({ count, failure }) => [count, failure?.kind]))).toEqual([
    [
      [1, undefined],
      [1, undefined],
    ],
    [
      [1, undefined],
      [1, 'malformed'],
    ],
  ]);
});
