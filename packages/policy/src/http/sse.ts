import { createParser } from 'eventsource-parser';
import { policyError } from './errors.ts';

/**
 * The `data` of each server-sent event, in order, up to `[DONE]` or the end of the body. What follows `[DONE]` is read and
 * dropped: a body read to its end leaves a connection that can be used again. Whether the end was a proper one is for the
 * reader to say: it knows which choices were still open.
 */
export async function* serverSentEvents(chunks: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  const arrived: string[] = [];
  let broken: string | undefined;
  const parser = createParser({
    onEvent: ({ data }) => arrived.push(data),
    onError: (error) => {
      // A line of JSON where events were due: a server that ignored `stream`, or an error page.
      if (error.type === 'unknown-field' && arrived.length === 0) broken ??= error.line;
    },
  });
  let done = false;
  for await (const chunk of chunks) {
    if (done) continue;
    parser.feed(chunk);
    if (broken !== undefined) throw policyError('malformed', `not a stream of events: ${broken.slice(0, 200)}`);
    for (const data of arrived.splice(0)) {
      done ||= data === '[DONE]';
      if (!done) yield data;
    }
  }
}
