/** Streams that are cut, servers that ignore `n`, choices that share an index: a lost draw counts for nothing, and no text is ever joined. */
import { blankLineFormat, type Candidate, type Policy } from '@svo/mdp';
import { describe, expect, it } from 'vitest';
import { sglangPolicy } from '../servers/sglang/sglang-policy.ts';
import { ask, delta, draw, events, said, served } from '../test-support/canned-replies.ts';
import { countOf } from '../wrappers/candidates.ts';
import { withRetry } from '../wrappers/with-retry.ts';

describe('a stream', () => {
  it('that is cut between two tokens lost its choice, and is asked for again', async () => {
    const cut = events(delta('Final ', ''), delta('Answer: ', ''));
    expect(await draw(cut, { stream: true })).toMatchObject([{ count: 1, failure: { kind: 'connection' } }]);
    const { policy } = served([cut, events(delta('Final Answer: 5', 'stop'), '[DONE]')], { stream: true });
    expect(await withRetry(policy, { baseMs: 0 }).propose(ask(1))).toMatchObject([{ text: 'Final Answer: 5' }]);
  });

  it('that is cut before its other choices began lost those too, and has not ignored n', async () => {
    const { policy, bodies } = served([events(delta('Final '))], { stream: true });
    for (let turn = 0; turn < 2; turn++) {
      for (const { failure } of await policy.propose(ask(3))) expect(failure?.kind).toBe('connection');
    }
    expect(bodies.map(({ n }) => n)).toEqual([3, 3]);
  });

  it('says nothing by an empty finish_reason', async () => {
    const reply = events(delta('Final ', ''), delta('Answer: 5', ''), delta('', 'stop'), '[DONE]');
    expect(await draw(reply, { stream: true })).toEqual([{ text: 'Final Answer: 5', count: 1, finish: 'answer' }]);
  });

  it('may end a choice twice', async () => {
    const reply = events(
      delta('Final Answer: 5', 'stop'),
      delta('', 'stop'),
      delta('Final Answer: 5', 'stop'),
      '[DONE]',
    );
    expect(await draw(reply, { stream: true })).toEqual([{ text: 'Final Answer: 5', count: 1, finish: 'answer' }]);
  });

  it('that gives all choices index 0 gives each of them, where they come whole', async () => {
    const reply = events(delta('Final Answer: 5', 'stop'), delta('Final Answer: 6', 'stop'), '[DONE]');
    expect((await draw(reply, { stream: true }, 2)).map(({ text, count }) => [text, count])).toEqual([
      ['Final Answer: 5', 1],
      ['Final Answer: 6', 1],
    ]);
  });

  it.each([
    ['one after the other', ['Final ', null], ['Answer: 5', 'stop'], ['Final ', null], ['Answer: 6', 'stop']],
    ['in turn', ['Final ', null], ['Final ', null], ['Answer: 5', 'stop'], ['Answer: 6', 'stop']],
    ['in turn, ended apart', ['Final Answer: 5', null], ['Final Answer: 6', null], ['', 'stop'], ['', 'stop']],
  ] as const)(
    'with all choices under index 0, %s, never joins them; the next request asks one by one',
    async (_, ...list) => {
      const mixed = events(...list.map(([text, finish]) => delta(text ?? '', finish)), '[DONE]');
      const { policy, bodies } = served([mixed, events(delta('Final Answer: 5', 'stop'), '[DONE]')], { stream: true });
      const first = await policy.propose(ask(2));
      expect(countOf(first)).toBe(2);
      for (const { text, failure } of first) expect([text, failure?.kind]).toEqual(['', 'malformed']);
      expect(await policy.propose(ask(2))).toMatchObject([{ text: 'Final Answer: 5' }, { text: 'Final Answer: 5' }]);
      expect(bodies.map(({ n }) => n)).toEqual([2, 1, 1]);
    },
  );

  it('without indices goes by places; an index out of range is only a name', async () => {
    const both = {
      choices: ['5', '6'].map((x) => ({ delta: { content: `Final Answer: ${x}` }, finish_reason: 'stop' })),
    };
    expect((await draw(events(both, '[DONE]'), { stream: true }, 2)).map(({ text }) => text)).toEqual([
      'Final Answer: 5',
      'Final Answer: 6',
    ]);
    const far = { choices: [{ index: 7, delta: { content: 'Final Answer: 5' }, finish_reason: 'stop' }] };
    expect(await draw(events(far, '[DONE]'), { stream: true })).toMatchObject([{ text: 'Final Answer: 5' }]);
  });

  it('that was asked for and did not come is read in one piece, and the other way round', async () => {
    expect(await draw(said('Final Answer: 5'), { stream: true })).toMatchObject([{ text: 'Final Answer: 5' }]);
    expect(await draw(events(delta('Final Answer: 5', 'stop'), '[DONE]'))).toMatchObject([{ text: 'Final Answer: 5' }]);
  });
});

describe('a server that ignores n', () => {
  it('costs the missing draws once; after that the policy asks for one a request, with the seeds n would have had', async () => {
    const { policy, bodies } = served([JSON.stringify(said('Final Answer: 5'))]);
    expect(await policy.propose(ask(5))).toMatchObject([
      { text: 'Final Answer: 5', count: 1 },
      {
        text: '',
        count: 4,
        finish: 'error',
        failure: { kind: 'malformed', message: expect.stringContaining('n > 1') },
      },
    ]);
    const again = await policy.propose(ask(5));
    expect([countOf(again), again.every(({ failure }) => failure === undefined)]).toEqual([5, true]);
    expect(bodies.map(({ n }) => n)).toEqual([5, 1, 1, 1, 1, 1]);
    const first = Number(bodies[0]!.seed);
    expect(bodies.slice(1).map(({ seed }) => seed)).toEqual([0, 1, 2, 3, 4].map((sample) => first + sample));
  });

  it('costs nothing under withRetry', async () => {
    const { policy } = served([JSON.stringify(said('Final Answer: 5'))]);
    const answer = await withRetry(policy, { baseMs: 0 }).propose(ask(5));
    expect([countOf(answer), answer.every(({ failure }) => failure === undefined)]).toEqual([5, true]);
  });
});

describe("SGLang's /generate", () => {
  const generate = (reply: unknown, count: number, stream = false): Promise<readonly Candidate[]> => {
    const text = typeof reply === 'string' ? reply : JSON.stringify(reply);
    const policy: Policy = sglangPolicy({
      url: 'http://h',
      model: 'm',
      format: blankLineFormat,
      logps: 'none',
      stream,
      fetch: async () => new Response(text),
    });
    return policy.propose(ask(count));
  };
  const one = (text: string, type: string | null = 'stop', more: object = {}): object => ({
    text,
    meta_info: { finish_reason: type === null ? null : { type }, prompt_tokens: 1, completion_tokens: 1 },
    ...more,
  });

  it('reads errors, of the reply and of one answer', async () => {
    expect((await generate({ error: { message: 'busy', code: 429 } }, 2))[0]!.failure?.kind).toBe('rate-limit');
    const aborted = one('', 'abort');
    Object.assign((aborted as { meta_info: object }).meta_info, {
      finish_reason: { type: 'abort', message: 'too long', status_code: 400 },
    });
    expect(await generate([one('Final Answer: 5'), aborted], 2)).toMatchObject([
      { text: 'Final Answer: 5' },
      { failure: { kind: 'refused', message: expect.stringContaining('too long') } },
    ]);
  });

  it('takes answers with one index by their places, and never joins streamed ones', async () => {
    const list = [one('Final Answer: 5', 'stop', { index: 0 }), one('Final Answer: 6', 'stop', { index: 0 })];
    expect((await generate(list, 2)).map(({ text }) => text)).toEqual(['Final Answer: 5', 'Final Answer: 6']);
    const streamed = await generate(events(...list, '[DONE]'), 2, true);
    expect(countOf(streamed)).toBe(2);
    for (const { text } of streamed) expect(['', 'Final Answer: 5', 'Final Answer: 6']).toContain(text);
  });
});
