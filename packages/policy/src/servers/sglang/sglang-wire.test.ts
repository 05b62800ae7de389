import { describe, expect, it } from 'vitest';
import { generateAssembly, parseGenerate } from './sglang-wire.ts';

const answer = (text: string, meta: object = {}, index?: number): object => ({
  text,
  ...(index === undefined ? {} : { index }),
  meta_info: { finish_reason: { type: 'stop', matched: '\n\n' }, prompt_tokens: 3, completion_tokens: 2, ...meta },
});
async function* stream(...events: object[]): AsyncGenerator<string> {
  for (const event of events) yield JSON.stringify(event);
}

describe('parseGenerate', () => {
  it('reads an answer, and a list of them', () => {
    const output = {
      output_token_logprobs: [
        [-1, 5, 'a'],
        [-2, 6, 'b'],
      ],
      input_token_logprobs: [
        [null, 1, 'P'],
        [-3, 2, 'Q'],
      ],
    };
    expect(parseGenerate(JSON.stringify(answer('ab', output)))).toEqual([
      {
        choice: {
          index: 0,
          text: 'ab',
          finishReason: 'stop',
          stopReason: '\n\n',
          logps: [-1, -2],
          tokenIds: [5, 6],
          tokens: [{ text: 'a' }, { text: 'b' }],
        },
        promptTokens: 3,
        completionTokens: 2,
        prompt: [
          { logp: null, text: 'P' },
          { logp: -3, text: 'Q' },
        ],
      },
    ]);
    expect(parseGenerate(JSON.stringify([answer('a'), answer('b')]))).toMatchObject([
      { choice: { index: 0 } },
      { choice: { index: 1 } },
    ]);
  });

  it('leaves spellings out that the server left out, and reads other ends', () => {
    const [read] = parseGenerate(
      JSON.stringify(
        answer('a', { output_token_logprobs: [[-1, 5, null]], finish_reason: { type: 'length', length: 1 } }),
      ),
    );
    expect(read).toMatchObject({ choice: { finishReason: 'length', logps: [-1] } });
    expect(read).not.toHaveProperty('choice.tokens');
    const pairs = parseGenerate(JSON.stringify(answer('a', { output_token_logprobs: [[-1, 5]] })));
    expect(pairs[0]).toMatchObject({ choice: { logps: [-1], tokenIds: [5] } });
  });

  it('lets a broken answer fail alone', () => {
    const list = parseGenerate(JSON.stringify([answer('a'), { text: 5 }]));
    expect(list[0]).toMatchObject({ choice: { text: 'a' } });
    expect(list[1]).toMatchObject({ kind: 'malformed', message: expect.stringContaining('text') });
  });
});

describe('generateAssembly', () => {
  const open = { finish_reason: null };

  it('takes answers that grow', async () => {
    const events = stream(answer('a', open, 0), answer('x', open, 1), answer('ab', {}, 0), answer('xy', {}, 1));
    expect((await generateAssembly(2).read(events)).map((one) => 'choice' in one && one.choice.text)).toEqual([
      'ab',
      'xy',
    ]);
  });

  it('takes answers that come in pieces', async () => {
    const piece = (text: string, id: number, end = open): object =>
      answer(text, { output_token_logprobs: [[-id, id, text]], ...end }, 0);
    const [read] = await generateAssembly(1).read(
      stream(piece('ab', 1), piece('cd', 2), piece('ef', 3, { finish_reason: { type: 'stop' } } as never)),
    );
    expect(read).toMatchObject({
      choice: {
        text: 'abcdef',
        logps: [-1, -2, -3],
        tokenIds: [1, 2, 3],
        tokens: [{ text: 'ab' }, { text: 'cd' }, { text: 'ef' }],
        finishReason: 'stop',
      },
    });
  });

  it('keeps what is complete when the stream breaks', async () => {
    const broken = async function* (): AsyncGenerator<string> {
      yield* stream(answer('done', {}, 0), answer('hal', open, 1));
      throw new TypeError('terminated');
    };
    const assembly = generateAssembly(2);
    await expect(assembly.read(broken())).rejects.toThrow('terminated');
    expect(assembly.finished().map(({ choice }) => choice.text)).toEqual(['done']);
  });

  it('fails on an error event, and on a stream of nothing', async () => {
    await expect(generateAssembly(1).read(stream({ error: { message: 'out of memory' } }))).rejects.toThrow('server: ');
    await expect(generateAssembly(1).read(stream())).rejects.toThrow('malformed: ');
  });
});
