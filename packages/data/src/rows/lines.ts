const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** The bytes of one row of a file, and what an error calls their place: a line, or an element of an array. */
export interface Place {
  readonly text: string;
  readonly where: string;
}

/** How much of a file is held at once. */
export interface Limits {
  readonly name: string;
  /** The most bytes a row may have. */
  readonly maxRowBytes: number;
}

/** Bytes gathered until a row is whole. */
export interface Gathering {
  /** What an error calls the row that is being gathered. */
  readonly where: () => string;
  readonly empty: () => boolean;
  /** Throws a RangeError where the row grows beyond its limit. */
  readonly add: (part: Uint8Array) => void;
  /** The row's text; the next one begins. Throws a RangeError where it is not UTF-8. */
  readonly finish: () => Place;
}

/** Gathers rows of at most `maxRowBytes`. */
export const gather = ({ name, maxRowBytes }: Limits, unit: 'line' | 'row'): Gathering => {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let parts: Uint8Array[] = [];
  let size = 0;
  let number = 0;
  const where = (): string => (unit === 'line' ? `${name}:${number + 1}` : `${name}, row ${number + 1}`);
  return {
    where: () => where(),
    empty: (): boolean => size === 0,
    add: (part: Uint8Array): void => {
      size += part.length;
      if (size > maxRowBytes) {
        throw new RangeError(
          `readRows: ${where()}: the ${unit} must have at most ${maxRowBytes} bytes (options.maxRowBytes; is it one row a line, or an array of rows?)`,
        );
      }
      if (part.length > 0) parts.push(part);
    },
    finish: (): Place => {
      const bytes = parts.length === 1 ? parts[0]! : concatenate(parts, size);
      const place = where();
      parts = [];
      size = 0;
      number++;
      try {
        return { text: decoder.decode(bytes.at(-1) === RETURN ? bytes.subarray(0, -1) : bytes), where: place };
      } catch {
        throw new RangeError(`readRows: ${place}: the ${unit} must be UTF-8`);
      }
    },
  };
};

/**
 * The lines of a UTF-8 stream, split at `\n` alone (JSON strings may hold U+2028, at which `node:readline` splits too), a
 * trailing `\r` and a byte order mark taken off. Memory holds one line and one chunk.
 *
 * @throws RangeError naming the line where bytes are not UTF-8, or are more than the limit
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  limits: Limits,
): AsyncGenerator<Place, void, undefined> {
  const line = gather(limits, 'line');
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      line.add(chunk.subarray(start, end));
      yield line.finish();
      start = end + 1;
    }
    if (start < chunk.length) line.add(chunk.subarray(start));
  }
  if (!line.empty()) yield line.finish();
}

const concatenate = (parts: readonly Uint8Array[], size: number): Uint8Array => {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};
