/**
 * Replies of servers as they were reported from the field, in our own words: what a server spoiled counts for nothing, and only
 * what the model wrote can be unusable.
 */
import { blankLineFormat, type Candidate, type Policy } from '@svo/mdp';
import { describe, expect, it } from 'vitest';
import { type OpenaiPolicyOptions, openaiPolicy } from '../servers/openai-policy.ts';
import { sglangPolicy } from '../servers/sglang-policy.ts';
import { countOf } from '../wrappers/candidates.ts';
import { withRetry } from '../wrappers/with-retry.ts';
import { createLedger, withUsage } from '../wrappers/with-usage.ts';

const question = { id: 'q', prompt: '2 + 3?' };
const ask = (count: number) => ({ question, state: { questionId: 'q', steps: [] }, count, seed: 1 });

/** A chat policy whose server gives these replies in turn, the last one over and over. */
const served = (replies: readonly string[], options: Partial<OpenaiPolicyOptions> = {}) => {
  const bodies: Record<string, unknown>[] = [];
  const policy = openaiPolicy({
    url: 'http://h',
    model: 'm',
    format: blankLineFormat,
    endpoint: 'chat',
    logps: 'optional',
    fetch: async (_, init) => {
      bodies.push(JSON.parse(String(init?.body)));
      return new Response(replies[Math.min(bodies.length, replies.length) - 1]);
    },
    ...options,
  });
  return { policy, bodies };
};
const draw = (reply: unknown, options: Partial<OpenaiPolicyOptions> = {}, count = 1): Promise<readonly Candidate[]> =>
  served([typeof reply === 'string' ? reply : JSON.stringify(reply)], options).policy.propose(ask(count));
const events = (...list: unknown[]): string =>
  list.map((one) => `data: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`).join('');
const said = (content: string | null, finish: string | null = 'stop', more: object = {}): object => ({
  choices: [{ index: 0, message: { role: 'assistant', content, ...more }, finish_reason: finish }],
});
const delta = (content: string, finish: string | null = null, more: object = {}): object => ({
  choices: [{ index: 0, delta: { content, ...more }, finish_reason: finish }],
});

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

describe('how a choice ends', () => {
  it.each([
    ['stop', 'answer'],
    ['eos_token', 'answer'],
    ['end_turn', 'answer'],
    ['STOP', 'answer'],
    ['FinishReason.STOP', 'answer'],
    ['stop_sequence', 'answer'],
    ['tool_calls', 'answer'],
    ['length', 'length'],
    ['max_tokens', 'length'],
    ['FINISH_REASON_MAX_TOKENS', 'length'],
    ['model_length', 'length'],
  ])('%s is known', async (word, finish) => {
    expect(await draw(said('Final Answer: 5', word))).toEqual([{ text: 'Final Answer: 5', count: 1, finish }]);
  });

  it.each([
    ['eos_token', 'So x = 5.', 'answer'],
    ['stop_sequence', 'So x = 5.\n\n', 'step'],
    ['stop', 'So x = 5.\n\n', 'step'],
  ])('%s ends a text without an answer as a step or a response', async (word, text, finish) => {
    expect(await draw(said('So x = 5.', word))).toEqual([{ text, count: 1, finish }]);
  });

  it.each([
    ['content_filter', 'refused'],
    ['SAFETY', 'refused'],
    ['abort', 'server'],
    ['error', 'server'],
    ['timeout', 'timeout'],
  ])('%s gives nothing of the model', async (word, kind) => {
    expect(await draw(said('Final', word))).toMatchObject([{ text: '', finish: 'error', failure: { kind } }]);
  });

  it('an unknown word leaves the text as it is, and is told once', async () => {
    const ledger = createLedger();
    const { policy } = served([JSON.stringify(said('Final Answer: 5', 'whatever'))]);
    const counted = withUsage(policy, ledger);
    for (let turn = 0; turn < 3; turn++) {
      expect(await counted.propose(ask(1))).toEqual([{ text: 'Final Answer: 5', count: 1, finish: 'answer' }]);
    }
    expect(ledger.notes.filter((note) => note.includes("'whatever'"))).toHaveLength(1);
  });

  it('an unknown word without a text is nobody’s step', async () => {
    expect((await draw(said('', 'whatever')))[0]!.failure?.kind).toBe('malformed');
  });

  it('a token that ends the turn is no part of the text', async () => {
    expect(await draw(said('Final Answer: 5<|im_end|>'))).toEqual([
      { text: 'Final Answer: 5', count: 1, finish: 'answer' },
    ]);
    expect((await draw(said('so <|im_end|> you')))[0]!.failure?.kind).toBe('unparsable');
  });
});

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

describe('blank lines before a step', () => {
  it.each(['\n\n', '\n', '\r\n\r\n', ' \n\n', '\t\n \r\n\n', '\n\n\n\n\n'])('%j are none of it', async (blank) => {
    const text = `${blank}Add them.\n\nFinal Answer: 5`;
    const expected = [{ text: 'Add them.\n\n', count: 1, finish: 'step' }];
    expect(await draw(said(text))).toEqual(expected);
    const streamed = events(...[...text].map((letter) => delta(letter)), delta('', 'stop'), '[DONE]');
    expect(await draw(streamed, { stream: true })).toEqual(expected);
  });

  it('are taken off each of several choices, log-probs and ids with them', async () => {
    const tokens = ['\n\n', 'Add', ' them', '.\n\n', 'Final'];
    const content = tokens.map((token, at) => ({ token, logprob: -at, id: 10 + at }));
    const choice = { message: { content: tokens.join('') }, finish_reason: 'stop', logprobs: { content } };
    const plain = { message: { content: 'Final Answer: 5' }, finish_reason: 'stop' };
    expect(
      await draw(
        {
          choices: [
            { index: 0, ...choice },
            { index: 1, ...plain },
          ],
        },
        {},
        2,
      ),
    ).toEqual([
      { text: 'Add them.\n\n', tokenIds: [11, 12, 13], logps: [-1, -2, -3], count: 1, finish: 'step' },
      { text: 'Final Answer: 5', count: 1, finish: 'answer' },
    ]);
  });

  it('that were all there was before a stop string are nobody’s fault; those that the model ended with are its own', async () => {
    const at = (stop: string | null): object => ({ choices: [{ text: '', finish_reason: 'stop', stop_reason: stop }] });
    expect((await draw(at('\n\n')))[0]!.failure?.kind).toBe('malformed');
    expect((await draw(at(null)))[0]!.failure?.kind).toBe('unparsable');
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

describe('log-probs of other tokens than the text’s', () => {
  const reply = (
    tokens: readonly (readonly [string, number])[],
    text = 'Final Answer: 5',
    more: object = {},
  ): object => ({
    choices: [
      {
        index: 0,
        message: { content: text, ...more },
        finish_reason: 'stop',
        logprobs: { content: tokens.map(([token, logprob], at) => ({ token, logprob, id: at })) },
      },
    ],
  });
  const own = [
    ['Final', -0.1],
    [' Answer', -0.2],
    [':', -0.3],
    [' 5', -0.4],
  ] as const;
  const thought = [
    ['<think>', -3],
    ['Hmm', -3],
    [' let', -3],
    [' me', -3],
    ['</think>', -3],
  ] as const;

  it('are matched with the text from its end', async () => {
    for (const logps of ['required', 'optional'] as const) {
      expect(await draw(reply([...thought, ...own]), { logps })).toEqual([
        {
          text: 'Final Answer: 5',
          logps: [-0.1, -0.2, -0.3, -0.4],
          tokenIds: [5, 6, 7, 8],
          count: 1,
          finish: 'answer',
        },
      ]);
      const ended = reply([...own, ['<|im_end|>', -2]]);
      expect(await draw(ended, { logps })).toMatchObject([{ logps: [-0.1, -0.2, -0.3, -0.4], tokenIds: [0, 1, 2, 3] }]);
    }
  });

  it('are refused where they must be there, else left out and told once', async () => {
    const others = [
      reply(thought),
      reply([
        ['Final', -1],
        [' answer', -1],
      ]),
      // The thought ends as the text does, and nothing of the text is there.
      reply(
        [
          ['So', -3],
          [' Final', -3],
          [' Answer: 5', -3],
        ],
        'Final Answer: 5',
        {
          reasoning_content: 'So, well, Final Answer: 5',
        },
      ),
    ];
    for (const other of others) {
      expect((await draw(other, { logps: 'required' }))[0]!.failure?.kind).toBe('malformed');
      const ledger = createLedger();
      const { policy } = served([JSON.stringify(other)]);
      for (let turn = 0; turn < 2; turn++) {
        expect(await withUsage(policy, ledger).propose(ask(1))).toEqual([
          { text: 'Final Answer: 5', count: 1, finish: 'answer' },
        ]);
      }
      expect(ledger.notes).toHaveLength(1);
    }
  });
});

describe('a reply that is all reasoning', () => {
  it.each(['reasoning', 'reasoning_content', 'thinking'])(
    'out of tokens, in %s, says so and what to do',
    async (field) => {
      const [candidate] = await draw(said(null, 'length', { [field]: 'hmm' }));
      expect(candidate).toMatchObject({ text: '', count: 1, finish: 'length' });
      expect(candidate!.failure!.message).toMatch(/all tokens went into reasoning.*maxTokens/);
      const streamed = events(delta('', null, { [field]: 'hm' }), delta('', 'length', { [field]: 'm' }), '[DONE]');
      expect((await draw(streamed, { stream: true }))[0]).toEqual(candidate);
    },
  );

  it('and ended is the model’s own only where it is known to have ended it', async () => {
    expect((await draw(said(null, 'stop', { reasoning: 'hmm' })))[0]!.failure?.kind).toBe('malformed');
    expect((await draw(said(null, 'eos_token', { reasoning: 'hmm' })))[0]!.failure?.kind).toBe('unparsable');
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
