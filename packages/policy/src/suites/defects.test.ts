/** A defect of the caller's own code is thrown as it is: as a failure on a node it would be hidden for ever. The network's errors are failures. */
import { blankLineFormat } from '@svo/mdp';
import { fakeServer, plantedTree, scriptedPolicy, servedTree, toyModel } from '@svo/policy/testing';
import { describe, expect, it } from 'vitest';
import { type OpenaiPolicyOptions, openaiPolicy } from '../servers/openai/openai-policy.ts';
import { openaiScorer } from '../servers/openai/openai-scorer.ts';
import { openaiValueModel } from '../servers/openai/openai-value-model.ts';
import { llamaScorer } from '../servers/scoring/llama-scorer.ts';
import { sglangPolicy } from '../servers/sglang/sglang-policy.ts';
import { sglangScorer } from '../servers/sglang/sglang-scorer.ts';
import { ask, said } from '../test-support/canned-replies.ts';
import { batchRequests } from '../wrappers/batch-requests.ts';
import { memoryStore, withCache } from '../wrappers/with-cache.ts';
import { withConcurrency } from '../wrappers/with-concurrency.ts';
import { withRateLimit } from '../wrappers/with-rate-limit.ts';
import { withRetry } from '../wrappers/with-retry.ts';
import { withTimeout } from '../wrappers/with-timeout.ts';
import { createLedger, withUsage } from '../wrappers/with-usage.ts';

const shared = { url: 'http://h', model: 'm' };
const replying = async (): Promise<Response> => new Response(JSON.stringify(said('Final Answer: 5')));
const create = (options: Partial<OpenaiPolicyOptions>) =>
  openaiPolicy({ ...shared, format: blankLineFormat, logps: 'none', fetch: replying, ...options });
const bug = (): never => (undefined as unknown as { missing: () => never }).missing();

describe("a TypeError of the caller's own", () => {
  const defects: [string, Partial<OpenaiPolicyOptions>][] = [
    ['prompt', { prompt: bug }],
    ['messages', { endpoint: 'chat', messages: bug }],
    ['format', { format: { ...blankLineFormat, split: bug } }],
    ['fetch, at once', { fetch: bug }],
    ['fetch, later', { fetch: async () => bug() }],
    ['the body that fetch gives', { fetch: async () => new Response(new ReadableStream({ pull: bug })) }],
    ['apiKey', { apiKey: bug }],
    ['extraBody', { extraBody: { big: 5n }, id: 'x' }],
  ];
  it.each(defects)('in %s is thrown through every wrapper', async (_, options) => {
    const bare = create({ endpoint: 'chat', ...options, ...('prompt' in options ? { endpoint: 'completions' } : {}) });
    const wrapped = withUsage(
      withCache(withTimeout(withRateLimit(withConcurrency(withRetry(bare), 2), { perMinute: 1e6 }), 60_000)),
      createLedger(),
    );
    for (const policy of [
      bare,
      wrapped,
      batchRequests({ ...wrapped, proposeMany: (all) => Promise.all(all.map((one) => wrapped.propose(one))) }),
    ]) {
      await expect(policy.propose(ask(2))).rejects.toBeInstanceOf(TypeError);
    }
  });

  it('in a prompt or a fetch is thrown by scorers and value models', async () => {
    const scored = [{ question: { id: 'q', prompt: '' }, state: { questionId: 'q', steps: ['a'] } }];
    for (const scorer of [openaiScorer, sglangScorer, llamaScorer]) {
      await expect(scorer({ ...shared, prompt: bug }).score(scored)).rejects.toBeInstanceOf(TypeError);
      await expect(scorer({ ...shared, fetch: async () => bug() }).score(scored)).rejects.toBeInstanceOf(TypeError);
    }
    await expect(openaiValueModel({ ...shared, prompt: bug }).values(scored)).rejects.toBeInstanceOf(TypeError);
    await expect(openaiValueModel({ ...shared, fetch: bug }).values(scored)).rejects.toBeInstanceOf(TypeError);
  });
});

describe("an error of the network's", () => {
  it.each([
    ["Node's", new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code: 'ECONNRESET' }) })],
    ["Chrome's", new TypeError('Failed to fetch')],
    ["Firefox's", new TypeError('NetworkError when attempting to fetch resource.')],
    ["Safari's", new TypeError('Load failed')],
    ["a wrapper's own", new Error('the proxy is down')],
    ['no error at all', 'gone'],
  ])('is a failure: %s', async (_, error) => {
    const thrown = create({ fetch: () => Promise.reject(error) });
    const broken = create({
      fetch: async () => new Response(new ReadableStream({ pull: (controller) => controller.error(error) })),
    });
    for (const policy of [thrown, broken]) {
      expect(await policy.propose(ask(2))).toMatchObject([{ count: 2, failure: { kind: 'connection' } }]);
    }
  });
});

it('an option that nobody reads is refused by every function, by name', async () => {
  const made: [string, (options: object) => unknown][] = [
    ['openaiPolicy', (options) => openaiPolicy({ ...shared, format: blankLineFormat, ...options })],
    ['sglangPolicy', (options) => sglangPolicy({ ...shared, format: blankLineFormat, ...options })],
    ['openaiScorer', (options) => openaiScorer({ ...shared, ...options })],
    ['sglangScorer', (options) => sglangScorer({ ...shared, ...options })],
    ['llamaScorer', (options) => llamaScorer({ ...shared, ...options })],
    ['openaiValueModel', (options) => openaiValueModel({ ...shared, ...options })],
    ['openaiValueModel', (options) => openaiValueModel({ ...shared, retry: options })],
    ['withRetry', (options) => withRetry(scriptedPolicy({}), options)],
    ['withRateLimit', (options) => withRateLimit(scriptedPolicy({}), { perMinute: 1, ...options })],
    ['batchRequests', (options) => batchRequests(scriptedPolicy({}), options)],
    ['memoryStore', memoryStore],
    ['scriptedPolicy', (options) => scriptedPolicy({}, options)],
    ['toyModel', (options) => toyModel({ seed: 1, ...options })],
    ['plantedTree', (options) => plantedTree({ seed: 1, ...options })],
    ['servedTree', (options) => servedTree(plantedTree({ seed: 1 }), options)],
  ];
  for (const [name, make] of made) {
    expect(() => make({ tempreature: 5 }), name).toThrow(`${name}: unknown option 'tempreature'`);
    expect(() => make({}), name).not.toThrow();
  }
  await expect(fakeServer({ tempreature: 5 } as object)).rejects.toThrow('fakeServer: unknown option');
});

it('a header that no request can hold is refused before one is sent', () => {
  expect(() => create({ headers: { 'x y': 'z' } })).toThrow('openaiPolicy: headers must have names');
});
