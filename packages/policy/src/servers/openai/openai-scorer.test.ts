import { type FakeServer, fakeServer, toyModel } from '@svo/policy/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { llamaScorer } from '../scoring/llama-scorer.ts';
import type { StepScorer } from '../scoring/scorer.ts';
import { sglangScorer } from '../sglang/sglang-scorer.ts';
import { openaiScorer } from './openai-scorer.ts';

const model = toyModel({ seed: 11 });
let server: FakeServer;
beforeAll(async () => {
  server = await fakeServer({ model });
});
afterAll(() => server.close());

const scorers: [string, (maxBatch?: number) => StepScorer][] = [
  ['echo', (maxBatch = 32) => openaiScorer({ url: server.url, model: 'toy', maxBatch })],
  [
    'prompt_logprobs',
    (maxBatch = 32) => openaiScorer({ url: server.url, model: 'toy', method: 'prompt-logprobs', maxBatch }),
  ],
  ['SGLang', (maxBatch = 32) => sglangScorer({ url: server.url, model: 'toy', maxBatch })],
];
const words = fc.constantFrom('Add', ' two', ' x =', '🙂', 'é', ' 5', ',', 'zebra');
const step = fc.array(words, { minLength: 1, maxLength: 5 }).map((list) => `${list.join('')}.\n\n`);
const request = fc.record({ prompt: fc.constantFrom('Go: ', 'Ärger 🙂 '), steps: fc.array(step, { maxLength: 4 }) });
const toRequest = ({ prompt, steps }: { prompt: string; steps: string[] }) => ({
  question: { id: 'q', prompt },
  state: { questionId: 'q', steps },
});

const byTokens = (): StepScorer => llamaScorer({ url: server.url, model: 'toy' });

describe.each([...scorers, ['llama.cpp', byTokens] as const])('scoring by %s', (_, create) => {
  it('gives each step the log-probs of its own tokens, as the model has them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 5 }), async (list) => {
        const scores = await create(2).score(list.map(toRequest));
        list.forEach(({ prompt, steps }, index) => {
          // Every step ends in a blank line, which is a token by itself: the model's tokens never cross a step's end.
          const { tokens, logps } = model.score(prompt + steps.join(''));
          let at = 0;
          const expected = steps.map(() => 0);
          const bounds = steps.map((_, s) => prompt.length + steps.slice(0, s + 1).join('').length);
          tokens.forEach((token, place) => {
            const inside = at < prompt.length ? -1 : bounds.findIndex((end) => at < end);
            if (inside >= 0) expected[inside]! += logps[place] ?? 0;
            at += token.length;
          });
          expect(scores[index]!.failure).toBeUndefined();
          for (const [s, logp] of scores[index]!.logps.entries()) expect(logp).toBeCloseTo(expected[s]!, 9);
          expect(scores[index]!.logps).toHaveLength(steps.length);
        });
      }),
      { numRuns: 25 },
    );
  });

  it('scores nothing for nothing', async () => {
    const before = server.calls.length;
    expect(await create().score([])).toEqual([]);
    expect(server.calls.length).toBe(before);
  });
});

describe.each(scorers)('requests of scoring by %s', (_, create) => {
  it('splits what is asked into requests of at most maxBatch, and none for nothing', async () => {
    const one = toRequest({ prompt: 'Go: ', steps: ['Add.\n\n'] });
    const before = server.calls.length;
    expect(await create(2).score([one, one, one, one, one])).toHaveLength(5);
    expect(server.calls.length - before).toBe(3);
  });

  it('refuses a batch of nothing', () => {
    expect(() => create(0)).toThrow('maxBatch must be a positive integer, got 0');
  });
});

describe('a token drawn behind the text is left out', () => {
  /** What llama-cpp-python 0.3.36 answers to `echo` with `max_tokens: 1`, SmolLM2-135M: log-probs of the next tokens under these. */
  const shifted = {
    text: '2 + 2 = 4\n',
    tokens: ['2', ' +', ' ', '2', ' =', ' ', '4'],
    logps: [null, -7.148917198181152, -11.913249969482422, -4.229231357574463, -10.27886962890625, -11.97, -6.146573],
  };
  const answering = (tokens: string[], logps: (number | null)[], text = ''): typeof globalThis.fetch => {
    const choice = { index: 0, text, finish_reason: 'length', logprobs: { tokens, token_logprobs: logps } };
    return async () => Response.json({ choices: [choice] });
  };
  const score = (fetch: typeof globalThis.fetch, extraBody = {}) =>
    openaiScorer({ url: 'http://localhost:1/v1', model: 'm', fetch, extraBody }).score([
      toRequest({ prompt: '2 + 2 =', steps: [' 4'] }),
    ]);

  it('as text, as an end that is spelled, as one that is spelled as nothing', async () => {
    const [tokens, logps] = [
      ['2', ' + 2', ' =', ' 4'],
      [null, -1, -2, -4],
    ];
    for (const drawn of ['\n', '</s>', '', '\ufffd\ufffd'])
      expect(await score(answering([...tokens, drawn], [...logps, -8])), drawn).toEqual([{ logps: [-4], tokens: 1 }]);
  });

  it('none there: a failure, since its log-probs may stand one place off', async () => {
    const [answer] = await score(answering(shifted.tokens, shifted.logps, shifted.text));
    expect(answer).toMatchObject({ logps: [], failure: { kind: 'malformed' } });
    expect(answer?.failure?.message).toMatch(/no token behind the text: .* use llamaScorer/);
  });

  it('none asked for: none is left out', async () => {
    const answer = await score(answering(['2 + 2 =', ' 4'], [null, -4]), { max_tokens: 0 });
    expect(answer).toEqual([{ logps: [-4], tokens: 1 }]);
  });
});
