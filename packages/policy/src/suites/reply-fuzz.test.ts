/** Replies of every protocol, cut anywhere in transit and spoiled anywhere in their values: never an exception, never a count lost. */
import { blankLineFormat, type Policy } from '@svo/mdp';
import { type FakeServer, fakeServer, toyModel } from '@svo/policy/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PolicyError } from '../http/errors.ts';
import { openaiPolicy } from '../servers/openai/openai-policy.ts';
import { openaiScorer } from '../servers/openai/openai-scorer.ts';
import { openaiValueModel } from '../servers/openai/openai-value-model.ts';
import { llamaScorer } from '../servers/scoring/llama-scorer.ts';
import type { StepScorer } from '../servers/scoring/scorer.ts';
import { sglangPolicy } from '../servers/sglang/sglang-policy.ts';
import { sglangScorer } from '../servers/sglang/sglang-scorer.ts';
import { countOf } from '../wrappers/candidates.ts';

let server: FakeServer;
beforeAll(async () => {
  server = await fakeServer({ model: toyModel({ seed: 6 }) });
});
afterAll(() => server.close());

const question = { id: 'q', prompt: 'Add' };
const request = { question, state: { questionId: 'q', steps: [] }, count: 3, seed: 5 };
const scored = { question, state: { questionId: 'q', steps: [' two.\n\n', 'Final Answer: 5'] } };
type Options = { url: string; model: string; fetch: typeof fetch; timeoutMs: number };
const policies: [string, (shared: Options) => Policy][] = [
  ['completions', (shared) => openaiPolicy({ ...shared, format: blankLineFormat })],
  ['completions, streaming', (shared) => openaiPolicy({ ...shared, format: blankLineFormat, stream: true })],
  ['chat, streaming', (shared) => openaiPolicy({ ...shared, format: blankLineFormat, endpoint: 'chat', stream: true })],
  ['generate', (shared) => sglangPolicy({ ...shared, format: blankLineFormat })],
  ['generate, streaming', (shared) => sglangPolicy({ ...shared, format: blankLineFormat, stream: true })],
];
const scorers: [string, (shared: Options) => StepScorer][] = [
  ['echo', openaiScorer],
  ['prompt_logprobs', (shared) => openaiScorer({ ...shared, method: 'prompt-logprobs' })],
  ['generate', sglangScorer],
  ['forced tokens', llamaScorer],
];

/** The server, with what it sends changed on its way. */
const through = (change: (text: string) => string | ReadableStream<Uint8Array>): Options => ({
  url: server.url,
  model: 'toy',
  timeoutMs: 300_000,
  fetch: async (...args) => new Response(change(await (await fetch(...args)).text())),
});

/** The text in pieces of these lengths, over and over, whatever characters they cut in two. */
const inPieces = (text: string, lengths: readonly number[]): ReadableStream<Uint8Array> => {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  let turn = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      const length = lengths[turn++ % lengths.length]!;
      controller.enqueue(bytes.subarray(at, at + length));
      at += length;
    },
  });
};

/** One value of a JSON text, the `place`-th of them, replaced. */
const spoiled = (json: string, place: number, other: unknown): string => {
  const whole: unknown = JSON.parse(json);
  const spots: (() => void)[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      spots.push(() => {
        (value as Record<string, unknown>)[key] = other;
      });
      walk((value as Record<string, unknown>)[key]);
    }
  };
  walk(whole);
  spots[place % spots.length]!();
  return JSON.stringify(whole);
};
/** The same in a whole reply, or in one event of a stream. */
const spoiledReply = (text: string, place: number, other: unknown): string => {
  if (!text.startsWith('data: ')) return spoiled(text, place, other);
  const events = text.split('\n\n');
  const at = place % events.findIndex((event) => event.includes('[DONE]'));
  return events.with(at, `data: ${spoiled(events[at]!.slice(6), place, other)}`).join('\n\n');
};

const anything = fc.oneof(
  fc.constantFrom<unknown>(null, -1, 0, 1e308, 2 ** 53, '', 'x', [], {}, [null], true, 0.5),
  fc.jsonValue({ maxDepth: 2 }),
);
const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });

describe.each(policies)('%s', (_, create) => {
  it('reads the same from pieces of any lengths', async () => {
    const expected = await create(through((text) => text)).propose(request);
    expect(expected.every(({ failure }) => failure === undefined)).toBe(true);
    await fc.assert(
      fc.asyncProperty(pieces, async (lengths) => {
        expect(await create(through((text) => inPieces(text, lengths))).propose(request)).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });

  it('makes three sound or failed candidates of a reply with any value replaced', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(100_000), anything, async (place, other) => {
        const answer = await create(through((text) => spoiledReply(text, place, other))).propose(request);
        expect(countOf(answer)).toBe(3);
        for (const { text, logps, count, finish, failure } of answer) {
          expect(Number.isInteger(count) && count > 0).toBe(true);
          expect(finish === 'error').toBe(failure !== undefined);
          if (finish === 'error') continue;
          expect(text.trim()).not.toBe('');
          expect(logps!.length).toBeGreaterThan(0);
          expect(logps!.every((logp) => Number.isFinite(logp) && logp <= 0)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe.each(scorers)('scoring by %s', (_, create) => {
  it('gives finite numbers or a failure for a reply with any value replaced', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(100_000), anything, async (place, other) => {
        const [score, ...rest] = await create(through((text) => spoiledReply(text, place, other))).score([scored]);
        expect(rest).toEqual([]);
        if (score!.failure !== undefined) expect(score!.logps).toEqual([]);
        else expect(score!.logps.every((logp) => Number.isFinite(logp) && logp <= 0.1)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

describe.each(['pooling', 'classify', 'embeddings', 'sglang-classify'] as const)('values at %s', (endpoint) => {
  it('are finite, or a PolicyError, for a reply with any value replaced', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(100_000), anything, async (place, other) => {
        const shared = through((text) => spoiledReply(text, place, other));
        const values = await openaiValueModel({ ...shared, endpoint, retry: { attempts: 1 } })
          .values([request, request])
          .catch((error: unknown) => error);
        if (!Array.isArray(values)) expect(PolicyError.isInstance(values)).toBe(true);
        else expect(values.length === 2 && values.every((value) => Number.isFinite(value))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
