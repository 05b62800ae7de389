import { gather, type Limits, type Place } from './lines.ts';

const code = (character: string): number => character.charCodeAt(0);
const [QUOTE, BACKSLASH, COMMA, OPEN, CLOSE] = [code('"'), code('\\'), code(','), code('['), code(']')];
const opening = new Set([OPEN, code('{')]);
const closing = new Set([CLOSE, code('}')]);

/** JSON's white space, and the bytes of a byte order mark. */
export const isBlank = (byte: number): boolean =>
  byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0xef || byte === 0xbb || byte === 0xbf;

/** Where a reader stands in the array. */
type State = 'before' | 'first' | 'element' | 'next' | 'done';

/**
 * The elements of one JSON array, each as its text: brackets and strings are counted, `JSON.parse` reads the rest. All bytes
 * that matter are ASCII, so that UTF-8 may be cut anywhere. Memory holds one element and one chunk.
 *
 * @throws RangeError naming the row where the array is not one: a comma too many or missing, no end, text behind it
 */
export async function* readArray(
  chunks: AsyncIterable<Uint8Array>,
  limits: Limits,
): AsyncGenerator<Place, void, undefined> {
  const element = gather(limits, 'row');
  let state = 'before' as State;
  let depth = 0;
  let inString = false;
  let escaped = false;
  const fail = (expected: string, byte: number): never => {
    throw new RangeError(
      `readRows: ${element.where()}: a JSON array must have ${expected} here, got '${String.fromCharCode(byte)}'`,
    );
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (state === 'element') {
        if (inString) {
          if (escaped) escaped = false;
          else if (byte === BACKSLASH) escaped = true;
          else if (byte === QUOTE) inString = false;
          continue;
        }
        if (byte === QUOTE) inString = true;
        else if (opening.has(byte)) depth++;
        else if (depth > 0 && closing.has(byte)) depth--;
        else if (depth === 0 && (byte === COMMA || byte === CLOSE)) {
          element.add(chunk.subarray(start, at));
          yield element.finish();
          state = byte === COMMA ? 'next' : 'done';
        }
        continue;
      }
      if (isBlank(byte)) continue;
      if (state === 'before') state = byte === OPEN ? 'first' : fail("'['", byte);
      else if (state === 'done') fail('nothing more', byte);
      else if (byte === CLOSE && state === 'first') state = 'done';
      else if (byte === COMMA || byte === CLOSE) fail('a row', byte);
      else {
        state = 'element';
        start = at;
        inString = byte === QUOTE;
        depth = opening.has(byte) ? 1 : 0;
      }
    }
    if (state === 'element') element.add(chunk.subarray(start));
  }
  if (state !== 'done')
    throw new RangeError(`readRows: ${element.where()}: a JSON array must end with ']', the file ends before it`);
}
