import { describe, expect, it } from 'vitest';
import { chatJob, completionsJob, generateJob } from './jobs.ts';

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
