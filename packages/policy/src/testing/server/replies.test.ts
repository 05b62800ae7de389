import { describe, expect, it } from 'vitest';
import { toyModel } from '../toy-model.ts';
import { completionsJob, runJob } from './jobs.ts';
import { replyEvents, wholeReply } from './replies.ts';

const model = toyModel({ seed: 3 });

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
