import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chatMessages, type OpenaiRequestOptions, openaiBody, wireSeed } from './openai-request.ts';

const question = { id: 'q', prompt: '2 + 3?\n' };
const request = { question, state: { questionId: 'q', steps: ['a\n\n', 'b\n\n'] }, count: 3, seed: 1 };
const options: OpenaiRequestOptions = {
  model: 'm',
  endpoint: 'completions',
  stop: ['\n\n'],
  logps: true,
  stream: false,
  seeded: true,
  extraBody: {},
};
const sent = (changes: Partial<OpenaiRequestOptions>): Record<string, unknown> =>
  JSON.parse(JSON.stringify(openaiBody(request, { ...options, ...changes }, 3, 77)));

describe('wireSeed', () => {
  it('fits 31 bits and keeps seeds below 2^31 apart', () => {
    const seeds = fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(seeds, ([a, b]) => {
        expect(wireSeed(a!)).not.toBe(wireSeed(b!));
        expect(wireSeed(a!)).toBeGreaterThanOrEqual(0);
        expect(wireSeed(a!)).toBeLessThan(2 ** 31);
      }),
    );
  });

  it('moves neighbours apart, so that seed + i of one request is not seed + j of the next', () => {
    const used = new Set<number>();
    for (let seed = 0; seed < 500; seed++) for (let i = 0; i < 16; i++) used.add(wireSeed(seed, i));
    expect(used.size).toBe(500 * 16);
  });

  it('depends on the bits above 2^31 too', () => {
    expect(wireSeed(5)).not.toBe(wireSeed(5 + 2 ** 40));
  });
});

describe('openaiBody', () => {
  it('asks completions for the text after the prompt and the steps', () => {
    expect(sent({})).toEqual({
      model: 'm',
      n: 3,
      max_tokens: 256,
      temperature: 1,
      stop: ['\n\n'],
      seed: 77,
      prompt: '2 + 3?\na\n\nb\n\n',
      logprobs: 1,
    });
  });

  it('sends each option, and none that was not given', () => {
    const all = { maxTokens: 9, temperature: 0.5, topP: 0.9, topK: 4, minP: 0.1, stream: true } as const;
    expect(sent(all)).toMatchObject({
      max_tokens: 9,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 4,
      min_p: 0.1,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(sent({ logps: false })).not.toHaveProperty('logprobs');
    expect(sent({ seeded: false })).not.toHaveProperty('seed');
    expect(sent({ stop: [] })).not.toHaveProperty('stop');
    expect(sent({ extraBody: { n: 1, best_of: 2 } })).toMatchObject({ n: 1, best_of: 2 });
    expect(sent({ prompt: () => 'P' }).prompt).toBe('P');
  });

  it('asks chat to continue the turn of the assistant', () => {
    const body = sent({ endpoint: 'chat', system: 'S' });
    expect(body.messages).toEqual([
      { role: 'system', content: 'S' },
      { role: 'user', content: '2 + 3?\n' },
      { role: 'assistant', content: 'a\n\nb\n\n' },
    ]);
    expect(body).toMatchObject({
      logprobs: true,
      top_logprobs: 1,
      continue_final_message: true,
      add_generation_prompt: false,
    });
  });

  it('leaves out the words that say so where the server does not know them', () => {
    expect(sent({ endpoint: 'chat', continueFlag: false })).not.toHaveProperty('continue_final_message');
  });

  it('asks chat for a new turn at the start', () => {
    expect(chatMessages(question, { questionId: 'q', steps: [] })).toEqual([{ role: 'user', content: '2 + 3?\n' }]);
    const first = openaiBody(
      { ...request, state: { questionId: 'q', steps: [] } },
      { ...options, endpoint: 'chat' },
      1,
      0,
    );
    expect(first).not.toHaveProperty('continue_final_message');
  });

  it('keeps whatever a step says inside one string of JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (step) => {
        const state = { questionId: 'q', steps: [`"}],"model":"other${step}`] };
        const body = JSON.parse(JSON.stringify(openaiBody({ ...request, state }, options, 3, 77))) as Record<
          string,
          unknown
        >;
        expect(Object.keys(body).sort()).toEqual(Object.keys(sent({})).sort());
        expect(body.model).toBe('m');
      }),
    );
  });
});
