/** Choices as they were reported from the field: what a server spoiled counts for nothing, and only the model's own text can be unusable. */
import { describe, expect, it } from 'vitest';
import { ask, delta, draw, events, said, served } from '../test-support/canned-replies.ts';
import { createLedger, withUsage } from '../wrappers/with-usage.ts';

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
