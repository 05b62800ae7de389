import { inspect } from 'node:util';
import { blankLineFormat, type Candidate, type Policy } from '@svo/mdp';
import { everyFault, type FakeServer, type Fault, fakeServer, toyModel } from '@svo/policy/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionOptions } from '../http/connection.ts';
import { PolicyError } from '../http/errors.ts';
import { type OpenaiPolicyOptions, openaiPolicy } from '../servers/openai/openai-policy.ts';
import { openaiScorer } from '../servers/openai/openai-scorer.ts';
import { openaiValueModel } from '../servers/openai/openai-value-model.ts';
import { llamaScorer } from '../servers/scoring/llama-scorer.ts';
import type { StepScorer } from '../servers/scoring/scorer.ts';
import { sglangPolicy } from '../servers/sglang/sglang-policy.ts';
import { sglangScorer } from '../servers/sglang/sglang-scorer.ts';
import { countOf } from '../wrappers/candidates.ts';
import { createLedger, withUsage } from '../wrappers/with-usage.ts';

const apiKey = 'sk-test-VERY/SECRET+key==17';
const question = { id: 'q', prompt: 'Add' };
const request = { question, state: { questionId: 'q', steps: [] }, count: 3, seed: 5 };

let server: FakeServer;
let fault: Fault | undefined;
beforeAll(async () => {
  server = await fakeServer({ model: toyModel({ seed: 4 }), apiKey, faults: () => fault });
});
afterAll(() => server.close());

const shared = (): ConnectionOptions & { model: string } => ({
  url: server.url,
  apiKey,
  headers: { 'x-second-key': 'another-secret-99' },
  model: 'toy',
  // Short only where a timeout is what is waited for: a busy machine must not look like a silent server.
  timeoutMs: ['hang', 'stall', 'drip'].includes(fault?.kind ?? '') ? 60 : 30_000,
  maxBytes: 1_000_000,
});
const openai = (options: Partial<OpenaiPolicyOptions>) => (): Policy =>
  openaiPolicy({ ...shared(), format: blankLineFormat, ...options });
const sglang = (stream: boolean) => (): Policy => sglangPolicy({ ...shared(), format: blankLineFormat, stream });

const policies: [string, () => Policy][] = [
  ['completions', openai({})],
  ['completions, streaming', openai({ stream: true })],
  ['completions, fanned out', openai({ fanOut: true })],
  ['chat', openai({ endpoint: 'chat' })],
  ['chat, streaming', openai({ endpoint: 'chat', stream: true })],
  ['generate', sglang(false)],
  ['generate, streaming', sglang(true)],
];

const scorers: [string, () => StepScorer][] = [
  ['echo', () => openaiScorer(shared())],
  ['prompt_logprobs', () => openaiScorer({ ...shared(), method: 'prompt-logprobs' })],
  ['generate', () => sglangScorer(shared())],
  ['forced tokens', () => llamaScorer(shared())],
];
/** What each fault must come to, for all or some of the candidates. No kind: the answer is as good as ever. */
const expected: Record<Fault['kind'], readonly (string | undefined)[]> = {
  hang: ['timeout'],
  slow: [undefined],
  status: ['rate-limit', 'server', 'refused'],
  cut: ['connection'],
  stall: ['timeout'],
  malformed: ['malformed', 'connection'],
  html: ['malformed'],
  empty: ['malformed'],
  huge: ['malformed'],
  'wrong-shape': ['malformed'],
  deep: ['malformed'],
  'wrong-count': ['malformed', undefined],
  'nan-logps': ['malformed'],
  'null-logps': ['malformed'],
  'positive-logps': ['malformed'],
  'missing-logps': ['malformed'],
  injection: ['unparsable', 'malformed'],
  'echo-headers': ['server'],
  redirect: ['refused'],
  'key-in-words': ['server', 'malformed', 'unparsable'],
  'gzip-bomb': ['malformed'],
  'false-gzip': ['connection'],
  drip: ['timeout'],
  'no-done': [undefined],
  'wrong-usage': [undefined],
  reply: ['rate-limit', 'server', 'refused'],
  short: ['connection', undefined],
  'ignored-n': ['malformed', undefined],
  'finish-word': [undefined],
  'empty-finish': [undefined],
  'blank-first': [undefined],
  'reasoning-logps': [undefined],
  'one-index': ['malformed', undefined],
  'only-reasoning': ['too-large'],
};

/** No eight characters in a row of the key, as it is or in hexadecimal; the last ones of it are its own. */
const pieces = [apiKey, Buffer.from(apiKey).toString('hex'), encodeURIComponent(apiKey)].flatMap((form) =>
  Array.from({ length: form.length - 7 }, (_, at) => form.slice(at, at + 8)),
);
const noSecret = (value: unknown): void => {
  for (const text of [JSON.stringify(value) ?? '', inspect(value, { depth: 9, showHidden: true }), String(value)]) {
    expect(pieces.filter((piece) => text.includes(piece) || text.replaceAll('\\', '').includes(piece))).toEqual([]);
    expect(text).not.toContain('another-secret-99');
  }
};

const kindsOf = (answer: readonly Candidate[]): Set<string | undefined> =>
  new Set(answer.map(({ failure }) => failure?.kind));

it('without a fault, every policy draws what the model serves, log-probs and all', async () => {
  fault = undefined;
  const answers = await Promise.all(policies.map(([, create]) => create().propose(request)));
  for (const answer of answers) {
    expect(countOf(answer)).toBe(3);
    expect(answer.every(({ finish, logps }) => finish !== 'error' && logps!.length > 0)).toBe(true);
    expect(answer.map(({ text, logps, finish }) => ({ text, logps, finish }))).toEqual(
      answers[0]!.map(({ text, logps, finish }) => ({ text, logps, finish })),
    );
  }
});

describe.each(policies)('%s', (name, create) => {
  it.each(everyFault.map((one) => [JSON.stringify(one).slice(0, 70), one] as const))(
    'settles %s as a typed failure',
    async (_, one) => {
      fault = one;
      const ledger = createLedger();
      const policy = withUsage(create(), ledger);
      const answer = await policy.propose(request);
      expect(countOf(answer)).toBe(request.count);
      // A stream that breaks half-way may have brought some candidates home.
      const survives = name.includes('streaming') && ['cut', 'stall', 'malformed', 'nan-logps'].includes(one.kind);
      const allowed = survives ? [...expected[one.kind], undefined] : expected[one.kind];
      for (const kind of kindsOf(answer)) expect(allowed).toContain(kind);
      if (!allowed.includes(undefined)) {
        const finish = one.kind === 'only-reasoning' ? 'length' : 'error';
        expect(answer.every((candidate) => candidate.finish === finish && candidate.text === '')).toBe(true);
      }
      for (const { failure } of answer) if (failure !== undefined) expect(failure.message.length).toBeGreaterThan(5);
      expect(ledger.candidates).toBe(request.count);
      noSecret([answer, ledger, policy, policy.id]);
    },
  );
});

describe('a key', () => {
  const places = ['page', 'json', 'event', 'finish-reason', 'field'] as const;
  const forms = ['plain', 'php', 'url', 'hex', 'half'] as const;
  const all = places.flatMap((place) => forms.map((form) => [place, form] as const));

  it.each(all)('quoted in a %s, %s, is in no candidate, ledger, score or error', async (place, form) => {
    fault = { kind: 'key-in-words', form, place };
    const state = { questionId: 'q', steps: ['Add.\n\n'] };
    for (const [name, create] of policies) {
      const ledger = createLedger();
      const answer = await withUsage(create(), ledger).propose(request);
      expect(
        answer.some(({ failure }) => failure !== undefined),
        name,
      ).toBe(true);
      noSecret([answer, ledger]);
    }
    for (const [name, create] of scorers) {
      const scores = await create().score([{ question, state }]);
      expect(scores[0]!.failure, name).toBeDefined();
      noSecret(scores);
    }
    const error = await openaiValueModel({ ...shared(), retry: { attempts: 1 } })
      .values([request])
      .catch((thrown: unknown) => thrown);
    noSecret([error, (error as Error).stack]);
  });
});

describe('wrong counts', () => {
  it('keep what came and name what did not; what is too much is dropped', async () => {
    fault = { kind: 'wrong-count', count: 1 };
    const few = await openai({})().propose(request);
    expect(few.map(({ count, failure }) => [count, failure?.kind])).toEqual([
      [1, undefined],
      [2, 'malformed'],
    ]);
    fault = { kind: 'wrong-count', count: 9 };
    const many = await openai({})().propose(request);
    expect(many.map(({ count, failure }) => [count, failure?.kind])).toEqual(Array(3).fill([1, undefined]));
  });
});

describe('Retry-After', () => {
  it('stands on the failure', async () => {
    fault = { kind: 'status', status: 429, retryAfter: '7' };
    expect((await openai({})().propose(request))[0]!.failure?.retryAfterMs).toBe(7000);
  });
});

/** Faults that a scorer's or a value's reply is not touched by. */
const harmless = [
  'slow',
  'no-done',
  'wrong-usage',
  'injection',
  'nan-logps',
  'null-logps',
  'positive-logps',
  'wrong-count',
  'short',
  'ignored-n',
  'finish-word',
  'empty-finish',
  'blank-first',
  'reasoning-logps',
  'one-index',
  'only-reasoning',
];

describe.each(scorers)('scorer by %s', (_, create) => {
  it.each(everyFault.map((one) => [JSON.stringify(one).slice(0, 70), one] as const))('settles %s', async (_, one) => {
    fault = one;
    const state = { questionId: 'q', steps: [' two.\n\n', 'Final Answer: 5'] };
    const scores = await create().score([
      { question, state },
      { question, state },
    ]);
    expect(scores).toHaveLength(2);
    for (const { logps, failure } of scores) {
      if (failure === undefined) expect(logps.every((logp) => Number.isFinite(logp))).toBe(true);
      else expect(logps).toEqual([]);
      if (!harmless.includes(one.kind) && one.kind !== 'missing-logps')
        expect(expected[one.kind]).toContain(failure?.kind);
    }
    noSecret([scores, create()]);
  });
});

describe.each(['pooling', 'classify', 'embeddings', 'sglang-classify'] as const)('value model at %s', (endpoint) => {
  it.each(everyFault.map((one) => [JSON.stringify(one).slice(0, 70), one] as const))('settles %s', async (_, one) => {
    fault = one;
    const model = openaiValueModel({ ...shared(), endpoint, retry: { attempts: 2, baseMs: 1 } });
    const result = await model.values([request, request]).catch((error: unknown) => error);
    if (harmless.includes(one.kind) || one.kind === 'missing-logps') {
      expect(result).toEqual([toyModel({ seed: 4 }).value('Add'), toyModel({ seed: 4 }).value('Add')]);
    } else {
      expect(PolicyError.isInstance(result) && expected[one.kind].includes(result.failure.kind)).toBe(true);
    }
    noSecret([result, model]);
    if (result instanceof Error) noSecret([result.stack, result.cause]);
  });
});
