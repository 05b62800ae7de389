/** Errors that servers tell inside a reply of status 200, in the forms reported from the field. */
import { describe, expect, it } from 'vitest';
import { ask, draw, events, said, served } from '../test-support/canned-replies.ts';
import { withRetry } from '../wrappers/with-retry.ts';

describe('an error inside a reply of status 200', () => {
  it.each([
    ['a code', { error: { message: 'rate limited upstream', code: 429 } }, 'rate-limit', 'rate limited upstream'],
    ['a code in words', { error: { message: 'slow down', code: '429' } }, 'rate-limit', 'HTTP 429'],
    ['empty choices', { choices: [], error: { message: 'upstream failed', code: 502 } }, 'server', 'upstream failed'],
    [
      "vLLM's form",
      { object: 'error', message: 'maximum context length is 4096 tokens', type: 'BadRequestError', code: 400 },
      'refused',
      'maximum context length is 4096 tokens',
    ],
    [
      "Anthropic's form",
      { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
      'server',
      'Over',
    ],
    ["TGI's form", { error: 'Input validation error', error_type: 'validation' }, 'refused', 'Input validation error'],
    ['words alone', { error: 'Rate limit reached for requests' }, 'rate-limit', 'Rate limit reached'],
    ['a type alone', { error: { type: 'insufficient_quota' } }, 'rate-limit', 'insufficient_quota'],
    ["Google's form", [{ error: { status: 'RESOURCE_EXHAUSTED', message: 'later' } }], 'rate-limit', 'later'],
    ['an error in an error', { error: { error: { message: 'gone', code: 503 } } }, 'server', 'gone'],
    ['a detail', { detail: 'Method not allowed: model not found' }, 'refused', 'model not found'],
    ['a choice', { choices: [{ index: 0, error: { code: 429, message: 'busy' } }] }, 'rate-limit', 'busy'],
    ['504', { error: { message: 'x', code: 504 } }, 'timeout', 'HTTP 504'],
    ['an unknown code', { error: { message: 'odd', code: 7 } }, 'server', 'odd'],
  ])('%s: as its status names it', async (_, reply, kind, words) => {
    const named = 'choices' in reply ? [] : [`event: error\n${events(reply)}`];
    for (const text of [JSON.stringify(reply), events(reply), ...named]) {
      for (const stream of [false, true]) {
        const [candidate, ...rest] = await draw(text, { stream });
        expect(rest).toEqual([]);
        expect(candidate).toMatchObject({ text: '', finish: 'error', failure: { kind } });
        expect(candidate!.failure!.message).toContain(words);
      }
    }
  });

  it('is retried where its status would be, and only there', async () => {
    const good = JSON.stringify(said('Final Answer: 5'));
    const busy = served([JSON.stringify({ error: { message: 'busy', code: 429 } }), good]);
    expect(await withRetry(busy.policy, { baseMs: 0 }).propose(ask(1))).toMatchObject([{ text: 'Final Answer: 5' }]);
    const refused = served([JSON.stringify({ error: { message: 'too long', code: 400 } }), good]);
    expect((await withRetry(refused.policy, { baseMs: 0 }).propose(ask(1)))[0]!.failure?.kind).toBe('refused');
    expect(refused.bodies).toHaveLength(1);
  });

  it('leaves the choices it came with, and says why the others are missing', async () => {
    const reply = { ...said('Final Answer: 5'), error: { message: 'worker died', code: 500 } };
    expect(await draw(reply, {}, 3)).toMatchObject([
      { text: 'Final Answer: 5', count: 1, finish: 'answer' },
      { count: 2, failure: { kind: 'server', message: expect.stringContaining('worker died') } },
    ]);
  });

  it('is bounded, and without the key', async () => {
    const apiKey = 'sk-in-the-servers-own-words';
    const [candidate] = await draw({ error: { message: `no ${apiKey} ${'x'.repeat(9000)}`, code: 401 } }, { apiKey });
    expect(candidate!.failure!.message).not.toContain('servers-own');
    expect(candidate!.failure!.message.length).toBeLessThanOrEqual(300);
    const deep = `{"error":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    expect((await draw(deep))[0]!.failure?.kind).toBe('server');
  });

  it('is no error where the field says that there is none', async () => {
    for (const error of [null, '', false]) {
      expect(await draw({ ...said('Final Answer: 5'), error })).toMatchObject([{ finish: 'answer' }]);
    }
  });
});
