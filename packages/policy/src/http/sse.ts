import { createParser } from 'eventsource-parser';
import { readText } from './body.ts';
import { PolicyError, policyError } from './errors.ts';
import { errorInWords } from './reply-error.ts';

/**
 * The `data` of each server-sent event, in order, up to `[DONE]`, which is the last where it comes, or the end of the body. What
 * follows `[DONE]` is read and dropped: a body read to its end leaves a connection that can be used again. Whether the end was
 * a proper one is for the reader to say: it knows which choices were still open. An event named `error` is thrown as what it says.
 */
export async function* serverSentEvents(chunks: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  const arrived: string[] = [];
  let broken: string | undefined;
  let failure: PolicyError | undefined;
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (event === 'error') failure ??= new PolicyError(errorInWords(data));
      else if (failure === undefined) arrived.push(data);
    },
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
      if (!done) yield data;
      done ||= data === endOfEvents;
    }
    if (failure !== undefined && !done) throw failure;
  }
  if (done) return;
  // The last event may lack its blank line; one that was cut is none.
  parser.feed('\n\n');
  if (failure !== undefined) throw failure;
  for (const data of arrived) if (data === endOfEvents || isJson(data)) yield data;
}

/** The data of a stream's last event. */
export const endOfEvents = '[DONE]';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads a reply by what it is and not by what was asked for: as events where it begins like events, else in one piece. Some
 * servers ignore `stream`, some know nothing else, and an error comes in one piece whatever was asked.
 */
export async function readEither<T>(
  chunks: AsyncIterable<string>,
  byEvents: (events: AsyncIterable<string>) => Promise<T>,
  inOnePiece: (text: string) => T,
): Promise<T> {
  const iterator = chunks[Symbol.asyncIterator]();
  let start = '';
  let ended = false;
  const all = async function* (): AsyncGenerator<string> {
    yield start;
    if (!ended) yield* { [Symbol.asyncIterator]: () => iterator };
  };
  try {
    while (!ended && start.length < longestField) {
      const next = await iterator.next();
      if (next.done === true) ended = true;
      else start = (start + next.value).trimStart();
    }
    if (/^(data|event|id|retry)?:/.test(start)) return await byEvents(serverSentEvents(all()));
    return inOnePiece(await readText(all()));
  } finally {
    // Lets go of the connection where the reply was not read to its end.
    await iterator.return?.();
  }
}

/** Characters that tell a line of an event stream: its longest field's name and a colon. */
const longestField = 'event:'.length;
