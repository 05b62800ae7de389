const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** A line of a file and its number, from 1. */
export interface Line {
  readonly text: string;
  readonly number: number;
}

/**
 * The lines of a UTF-8 stream, split at `\n` alone (JSON strings may hold U+2028, at which `node:readline` splits too), a
 * trailing `\r` and a byte order mark taken off. Memory holds one line and one chunk.
 *
 * @throws RangeError naming the line where bytes are not UTF-8
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Line, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let parts: Uint8Array[] = [];
  let number = 0;
  const finish = (): Line => {
    number++;
    const bytes = parts.length === 1 ? parts[0]! : concatenate(parts);
    parts = [];
    try {
      return { text: decoder.decode(bytes.at(-1) === RETURN ? bytes.subarray(0, -1) : bytes), number };
    } catch {
      throw new RangeError(`readRows: ${name}:${number}: the line must be UTF-8`);
    }
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      parts.push(chunk.subarray(start, end));
      yield finish();
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
  if (parts.length > 0) yield finish();
}

const concatenate = (parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};
