/** Small numbers in few bytes: LEB128 for counts, little-endian floats, UTF-8 with its length before it. */

/** Collects bytes; `take` hands them over and starts anew. */
export interface ByteWriter {
  readonly byte: (value: number) => void;
  readonly count: (value: number) => void;
  readonly float32: (value: number) => void;
  readonly float64: (value: number) => void;
  readonly text: (value: string) => void;
  readonly take: () => Uint8Array;
}

/** A writer over one growing buffer. */
export function byteWriter(): ByteWriter {
  let bytes = new Uint8Array(1024);
  let at = 0;
  const encoder = new TextEncoder();
  const room = (needed: number): DataView => {
    if (at + needed > bytes.length) {
      const larger = new Uint8Array(2 * bytes.length + needed);
      larger.set(bytes);
      bytes = larger;
    }
    return new DataView(bytes.buffer);
  };
  const byte = (value: number): void => {
    room(1);
    bytes[at++] = value;
  };
  const count = (value: number): void => {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) byte((rest % 128) | 128);
    byte(rest);
  };
  return {
    byte,
    count,
    float32: (value) => {
      room(4).setFloat32(at, value, true);
      at += 4;
    },
    float64: (value) => {
      room(8).setFloat64(at, value, true);
      at += 8;
    },
    text: (value) => {
      const encoded = encoder.encode(value);
      count(encoded.length);
      room(encoded.length);
      bytes.set(encoded, at);
      at += encoded.length;
    },
    take: () => {
      const taken = bytes.slice(0, at);
      at = 0;
      return taken;
    },
  };
}

/** Reads what a writer wrote; throws a RangeError at the end of the bytes, and for text that is not UTF-8. */
export interface ByteReader {
  readonly byte: () => number;
  readonly count: () => number;
  readonly float32: () => number;
  readonly float64: () => number;
  readonly text: () => string;
  /** How many bytes are left. */
  readonly left: () => number;
}

/** A reader over some bytes. */
export function byteReader(bytes: Uint8Array): ByteReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let at = 0;
  const step = (size: number): number => {
    if (at + size > bytes.length) throw new RangeError(`needs ${size} bytes more than its ${bytes.length}`);
    at += size;
    return at - size;
  };
  const byte = (): number => bytes[step(1)]!;
  const count = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const next = byte();
      value += (next & 127) * scale;
      if (!Number.isSafeInteger(value)) throw new RangeError('a count is too large');
      if (next < 128) return value;
    }
  };
  return {
    byte,
    count,
    float32: () => view.getFloat32(step(4), true),
    float64: () => view.getFloat64(step(8), true),
    text: () => {
      const length = count();
      const start = step(length);
      return decoder.decode(bytes.subarray(start, start + length));
    },
    left: () => bytes.length - at,
  };
}
