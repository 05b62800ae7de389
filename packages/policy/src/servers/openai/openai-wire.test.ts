import { describe, expect, it } from 'vitest';
import { PolicyError } from '../../http/errors.ts';
import { parseReply } from './openai-wire.ts';

const reply = (choices: unknown[], rest = {}): string => JSON.stringify({ choices, ...rest });
const failure = (text: string): unknown => {
  try {
    return parseReply(text);
  } catch (error) {
    return PolicyError.isInstance(error) ? error.failure : error;
  }
};

describe('parseReply', () => {
  it('reads completions with log-probs as lists', () => {
    const logprobs = { tokens: ['a', 'b'], token_logprobs: [-1, -2], text_offset: [0, 1], top_logprobs: null };
    const text = reply([{ index: 0, text: 'ab', finish_reason: 'stop', stop_reason: null, logprobs }], {
      usage: { prompt_tokens: 7, completion_tokens: 2 },
    });
    expect(parseReply(text)).toEqual({
      choices: [
        {
          index: 0,
          text: 'ab',
          finishReason: 'stop',
          stopReason: null,
          tokens: [{ text: 'a' }, { text: 'b' }],
          logps: [-1, -2],
        },
      ],
      problems: [],
      promptTokens: 7,
      completionTokens: 2,
    });
  });

  it('reads chat, and llama.cpp, with log-probs as records', () => {
    const content = [{ token: 'a', logprob: -1, bytes: [97], top_logprobs: [], id: 5 }];
    const chat = {
      index: 1,
      message: { role: 'assistant', content: 'a' },
      finish_reason: 'length',
      logprobs: { content },
    };
    expect(parseReply(reply([chat])).choices).toEqual([
      { index: 1, text: 'a', finishReason: 'length', tokens: [{ text: 'a', bytes: [97] }], logps: [-1], tokenIds: [5] },
    ]);
    const completion = { index: 0, text: 'a', finish_reason: 'stop', logprobs: { content } };
    expect(parseReply(reply([completion])).choices[0]).toMatchObject({ logps: [-1] });
  });

  it("reads SGLang's matched_stop and vLLM's token_ids", () => {
    const [choice] = parseReply(reply([{ text: 'a', matched_stop: '\n\n', token_ids: [3] }])).choices;
    expect(choice).toMatchObject({ stopReason: '\n\n', tokenIds: [3] });
  });

  it('reads servers that leave out what they do not know', () => {
    expect(parseReply(reply([{ text: 'a' }]))).toEqual({
      choices: [{ index: 0, text: 'a', finishReason: 'stop' }],
      problems: [],
      promptTokens: 0,
      completionTokens: undefined,
    });
    expect(parseReply(reply([{ message: { content: null } }])).choices[0]!.text).toBe('');
  });

  it('lets a broken choice fail alone', () => {
    const { choices, problems } = parseReply(reply([{ text: 'a' }, { text: 5 }, 'b']));
    expect(choices).toHaveLength(1);
    expect(problems).toHaveLength(2);
    expect(problems[0]).toContain('text');
  });

  it.each([
    ['no JSON', '<html>', 'not JSON'],
    ['nothing', '', 'not JSON'],
    ['NaN, as Python writes it', '{"choices":[{"text":"a","logprobs":{"token_logprobs":[NaN]}}]}', 'not JSON'],
    ['no choices', '{"choice":"x"}', 'choices'],
    ['a list', '[]', 'object'],
    ['null', 'null', 'object'],
  ])('calls %s malformed', (_, text, words) => {
    expect(failure(text)).toMatchObject({ kind: 'malformed', message: expect.stringContaining(words) });
  });
});
