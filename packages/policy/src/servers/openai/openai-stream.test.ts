import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PolicyError } from '../../http/errors.ts';
import { serverSentEvents } from '../../http/sse.ts';
import { type StreamAssembly, streamAssembly } from './openai-stream.ts';

async function* chunks(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}
const assemble = (text: string, size = 7, asked = 1): ReturnType<StreamAssembly['read']> =>
  streamAssembly(asked).read(serverSentEvents(chunks(text, size)));
const event = (data: unknown): string => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
const piece = (index: number, text: string, finish: string | null = null): string =>
  event({ choices: [{ index, text, finish_reason: finish, logprobs: { tokens: [text], token_logprobs: [-1] } }] });
const kindOf = (thrown: unknown): string => (PolicyError.isInstance(thrown) ? thrown.failure.kind : String(thrown));

describe('streamAssembly', () => {
  it('joins the pieces of each choice, however the stream is cut and interleaved', async () => {
    const words = fc.array(fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 5 }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(words, fc.integer({ min: 1, max: 50 }), async (choices, size) => {
        const longest = Math.max(...choices.map((list) => list.length));
        let text = '';
        for (let at = 0; at < longest; at++) {
          choices.forEach((list, index) => {
            if (at < list.length) text += piece(index, list[at]!, at === list.length - 1 ? 'stop' : null);
          });
        }
        const reply = await assemble(text + event('[DONE]'), size, choices.length);
        expect(reply.choices.map((choice) => choice.text)).toEqual(choices.map((list) => list.join('')));
        expect(reply.choices.map((choice) => choice.tokens)).toEqual(
          choices.map((list) => list.map((text) => ({ text }))),
        );
        expect(reply.choices.every(({ finishReason }) => finishReason === 'stop')).toBe(true);
      }),
    );
  });

  it('reads chat deltas, usage, comments and carriage returns', async () => {
    const text = [
      ': keep-alive\r\n\r\n',
      event({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] }),
      event({ choices: [{ index: 0, delta: { content: 'a' } }] }),
      event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop', stop_reason: '\n\n' }] }),
      event({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 1 } }),
      event('[DONE]'),
    ].join('');
    expect(await assemble(text)).toEqual({
      choices: [{ index: 0, text: 'a', finishReason: 'stop', stopReason: '\n\n' }],
      problems: [],
      isMixed: false,
      promptTokens: 3,
      completionTokens: 1,
    });
  });

  it('keeps the choices that were complete when the stream broke', async () => {
    const broken = async function* (): AsyncGenerator<string> {
      yield piece(0, 'a', 'stop') + piece(1, 'b');
      throw new TypeError('terminated');
    };
    const assembly = streamAssembly(2);
    await expect(assembly.read(serverSentEvents(broken()))).rejects.toThrow('terminated');
    expect(assembly.finished().choices.map(({ text }) => text)).toEqual(['a']);
  });

  it('tells the end of sequence (null at the end) from a stop string', async () => {
    const open = event({ choices: [{ index: 0, text: 'a', finish_reason: null, stop_reason: null }] });
    const end = (stop: string | null): string =>
      event({ choices: [{ index: 0, text: '', finish_reason: 'stop', stop_reason: stop }] });
    expect((await assemble(open + end(null))).choices[0]!.stopReason).toBeNull();
    expect((await assemble(open + end('\n\n'))).choices[0]!.stopReason).toBe('\n\n');
  });

  it('leaves a choice open that a proper end left open', async () => {
    const { choices } = await assemble(piece(0, 'a') + event('[DONE]'));
    expect(choices[0]!.finishReason).toBeNull();
  });

  it.each([
    ['an error event', event({ error: { message: 'out of memory' } }), 'server'],
    ['an event that is no JSON', event('{"choices":['), 'malformed'],
    ['JSON where events were due', '{"choices":[{"text":"a"}]}\n', 'malformed'],
    ['a page of HTML', '<!doctype html>\n<p>\n', 'malformed'],
    ['nothing', '', 'malformed'],
    ['an end before any event', event('[DONE]'), 'malformed'],
  ])('calls %s a failure', async (_, text, kind) => {
    expect(await assemble(text, 1000).catch(kindOf)).toBe(kind);
  });

  it('is not ended by a step that says [DONE]', async () => {
    const text = piece(0, 'data: [DONE]\n\n') + piece(0, ' more', 'stop') + event('[DONE]');
    expect((await assemble(text)).choices[0]!.text).toBe('data: [DONE]\n\n more');
  });
});
