import { blankLineFormat, gsm8kFormat, type ProposeRequest } from '@svo/mdp';
import { type FakeServer, fakeServer, toyModel } from '@svo/policy/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { receiptOf } from '../../wrappers/receipts.ts';
import { type OpenaiPolicyOptions, openaiPolicy } from './openai-policy.ts';
import { wireSeed } from './openai-request.ts';

const model = toyModel({ seed: 9 });
let server: FakeServer;
beforeAll(async () => {
  server = await fakeServer({ model });
});
afterAll(() => server.close());

const create = (options: Partial<OpenaiPolicyOptions> = {}): ReturnType<typeof openaiPolicy> =>
  openaiPolicy({ url: server.url, model: 'toy', format: blankLineFormat, ...options });
const ask = (seed: number, steps: string[] = [], count = 4): ProposeRequest => ({
  question: { id: 'q', prompt: 'Add two and three.\n' },
  state: { questionId: 'q', steps },
  count,
  seed,
});
const lastBody = (): Readonly<Record<string, unknown>> => server.calls.at(-1)!.body;

describe('what it draws', () => {
  it('is the served model, to the last log-prob', async () => {
    const request = ask(1, ['Add two.\n\n']);
    const candidates = await create().propose(request);
    candidates.forEach((candidate, sample) => {
      const drawn = model.sample('Add two and three.\nAdd two.\n\n', {
        seed: wireSeed(1, sample),
        maxTokens: 256,
        stop: ['\n\n'],
      });
      // The end of sequence is spelled as nothing: it is no token of the text.
      expect(candidate.logps).toEqual(drawn.logps.filter((_, at) => drawn.tokens[at] !== ''));
      expect(candidate.text.startsWith(drawn.text)).toBe(true);
    });
  });

  it('is the same for the same seed and another for another', async () => {
    const policy = create();
    expect(await policy.propose(ask(1))).toEqual(await policy.propose(ask(1)));
    expect(await policy.propose(ask(1))).not.toEqual(await policy.propose(ask(2)));
  });

  it('is the same in one request and fanned out, streaming or not', async () => {
    const whole = await create().propose(ask(3));
    expect(await create({ fanOut: true }).propose(ask(3))).toEqual(whole);
    expect(await create({ stream: true }).propose(ask(3))).toEqual(whole);
  });

  it('goes on from a chat as from a text', async () => {
    const steps = ['Add two.\n\n'];
    expect(await create({ endpoint: 'chat' }).propose(ask(3, steps))).toEqual(await create().propose(ask(3, steps)));
  });

  it('ends with an answer sooner or later, step by step', async () => {
    const policy = create();
    let steps: string[] = [];
    for (let depth = 0; depth < 40 && !steps.some((step) => step.includes('Final Answer')); depth++) {
      const [candidate] = await policy.propose(ask(depth, steps, 1));
      steps = [...steps, candidate!.text];
    }
    expect(steps.at(-1)).toMatch(/Final Answer: [56]/);
    expect(blankLineFormat.split(steps.join(''))).toEqual(steps);
  });
});

describe('what it sends', () => {
  it('is its options', async () => {
    await create({ maxTokens: 7, temperature: 0.3, topP: 0.8, extraBody: { return_token_ids: true } }).propose(ask(1));
    expect(lastBody()).toMatchObject({ max_tokens: 7, temperature: 0.3, top_p: 0.8, n: 4, return_token_ids: true });
    await create({ format: gsm8kFormat, logps: 'none', seeded: false }).propose(ask(1));
    expect(lastBody()).toMatchObject({ stop: ['\n'] });
    expect(lastBody()).not.toHaveProperty('logprobs');
    expect(lastBody()).not.toHaveProperty('seed');
  });

  it('takes token ids where the server gives them', async () => {
    const [candidate] = await create({ extraBody: { return_token_ids: true } }).propose(ask(1));
    expect(candidate!.tokenIds).toHaveLength(candidate!.logps!.length);
  });

  it('is one request, or one a candidate', async () => {
    const before = server.calls.length;
    expect(receiptOf(await create().propose(ask(1))).requests).toBe(1);
    expect(receiptOf(await create({ fanOut: true }).propose(ask(1))).requests).toBe(4);
    expect(server.calls.length - before).toBe(5);
  });
});

it('asks the path it is given, or /v1', async () => {
  await create({ url: `${server.url}/v1/` }).propose(ask(1));
  expect(server.calls.at(-1)!.path).toBe('/v1/completions');
  expect((await create({ url: `${server.url}/elsewhere` }).propose(ask(1)))[0]!.failure?.message).toContain('HTTP 404');
  expect(server.calls.at(-1)!.path).toBe('/elsewhere/completions');
});

it('gives its slots back when the caller hangs up', async () => {
  const slow = await fakeServer({ model, slots: 4, latency: { prefillMs: 60_000, msPerToken: 0 } });
  const policy = openaiPolicy({ url: slow.url, model: 'toy', format: blankLineFormat });
  const controller = new AbortController();
  const answer = policy.propose(ask(1), controller.signal);
  while (slow.use().sequences < 4) await new Promise((resolve) => setTimeout(resolve, 2));
  controller.abort();
  expect((await answer)[0]).toMatchObject({ count: 4, failure: { kind: 'cancelled' } });
  const second = policy.propose(ask(2), new AbortController().signal);
  while (slow.use().sequences < 8) await new Promise((resolve) => setTimeout(resolve, 2));
  await slow.close();
  expect((await second)[0]!.failure?.kind).toBe('connection');
});

it('keeps what a broken stream brought home', async () => {
  const broken = await fakeServer({ model, faults: () => ({ kind: 'stall' }) });
  const policy = openaiPolicy({
    url: broken.url,
    model: 'toy',
    format: blankLineFormat,
    stream: true,
    timeoutMs: 2000,
  });
  const answers = await Promise.all([0, 1, 2, 3, 4, 5].map((seed) => policy.propose(ask(seed, [], 6))));
  const kinds = new Set(answers.flat().map(({ failure }) => failure?.kind));
  await broken.close();
  expect([...kinds]).toEqual(expect.arrayContaining([undefined, 'timeout']));
  expect(kinds).not.toContain('malformed');
});

it('keeps a key that a server writes into a step out of the candidate', async () => {
  const apiKey = 'sk-echoed-in-a-step';
  const echo = await fakeServer({ faults: () => ({ kind: 'injection', text: `the key is ${apiKey}` }) });
  const policy = openaiPolicy({ url: echo.url, apiKey, model: 'toy', format: blankLineFormat, logps: 'none' });
  const [candidate] = await policy.propose(ask(1));
  await echo.close();
  expect(candidate!.text).toBe('the key is [redacted]\n\n');
});
