import fc from 'fast-check';
import { expect, it } from 'vitest';
import { serverSentEvents } from './sse.ts';

async function* cut(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}
const read = async (text: string, size = 5): Promise<string[]> => {
  const events: string[] = [];
  for await (const data of serverSentEvents(cut(text, size))) events.push(data);
  return events;
};

it('gives the data of each event, however the stream is cut', async () => {
  const list = fc.array(
    fc.json().filter((json) => json !== '[DONE]'),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(list, fc.integer({ min: 1, max: 30 }), async (events, size) => {
      expect(await read(events.map((data) => `data: ${data}\n\n`).join(''), size)).toEqual(events);
    }),
  );
});

it('ends at [DONE], and takes comments and other fields for what they are', async () => {
  expect(await read('data: 1\n\n: note\n\nevent: x\nid: 7\ndata: 2\n\ndata: [DONE]\n\ndata: 3\n\n')).toEqual([
    '1',
    '2',
    '[DONE]',
  ]);
  expect(await read('data: 1\n\ndata: [DONE]')).toEqual(['1', '[DONE]']);
  expect(await read('data: 1\n\ndata: {"ha')).toEqual(['1']);
});

it('reads a body to its end, so that the connection can be used again', async () => {
  let ended = false;
  const body = async function* (): AsyncGenerator<string> {
    yield 'data: 1\n\ndata: [DONE]\n\n';
    yield ': bye\n\n';
    ended = true;
  };
  const events = [];
  for await (const data of serverSentEvents(body())) events.push(data);
  expect(events).toEqual(['1', '[DONE]']);
  expect(ended).toBe(true);
});

it('refuses a body that is no stream of events', async () => {
  await expect(read('{"choices": []}\n', 100)).rejects.toThrow('not a stream of events');
  await expect(read('{"choices": []}\n', 5)).rejects.toThrow('not a stream of events');
});
