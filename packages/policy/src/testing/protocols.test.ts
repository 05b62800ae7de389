import { describe, expect, it } from 'vitest';
import { chatJob, completionsJob, generateJob, replyEvents, runJob, wholeReply } from './protocols.ts';
import { toyModel } from './toy-model.ts';

const model = toyModel({ seed: 3 });

describe('jobs', () => {
  it('of completions have the protocol’s defaults', () => {
    expect(completionsJob({ prompt: 'a' })).toEqual({
      prompts: [{ text: 'a', seed: 0, count: 1 }],
      maxTokens: 16,
      stop: [],
      logps: false,
      stream: false,
      echo: false,
    });
  });

  it('of chat join what the turns say', () => {
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ];
    expect(chatJob({ messages, n: 2, seed: 7, stop: 'x', logprobs: true })).toMatchObject({
      prompts: [{ text: 'ab', seed: 7, count: 2 }],
      stop: ['x'],
      logps: true,
    });
  });

  it('of generate take settings for all or for each', () => {
    const each = { text: ['a', 'b'], sampling_params: [{ sampling_seed: 1 }, { sampling_seed: 2 }] };
    expect(generateJob(each).prompts.map(({ seed }) => seed)).toEqual([1, 2]);
    const all = { text: ['a', 'b'], sampling_params: { sampling_seed: 3, max_new_tokens: 4 } };
    expect(generateJob(all)).toMatchObject({ prompts: [{ seed: 3 }, { seed: 3 }], maxTokens: 4 });
  });
});

describe('replies', () => {
  const body = { prompt: 'Add', n: 3, seed: 2, logprobs: 1, max_tokens: 30 };
  const job = completionsJob(body);
  const choices = runJob(model, job);

  it('hold the choices in order', () => {
    expect(wholeReply('/v1/completions', choices, job, body)).toMatchObject({
      choices: choices.map(({ index, text }) => ({ index, text })),
    });
  });

  it('count text offsets in code points, as Python does', () => {
    const echo = { ...body, echo: true, prompt: '🙂x' };
    const reply = wholeReply('/v1/completions', runJob(model, completionsJob(echo)), completionsJob(echo), echo);
    expect(reply).toMatchObject({
      choices: [{ logprobs: { text_offset: expect.arrayContaining([0, 1, 2]) } }, {}, {}],
    });
  });

  it('as events have one for each token of each choice, the usage and an end', () => {
    const tokens = choices.reduce((sum, choice) => sum + Math.max(1, choice.tokens.length), 0);
    const events = replyEvents('/v1/completions', choices, job, body);
    expect(events).toHaveLength(tokens + 2);
    expect(events.at(-1)).toBe('data: [DONE]\n\n');
  });
});
