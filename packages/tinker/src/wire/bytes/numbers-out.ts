/** Numbers as JSON text, written as bytes: the hundred thousand numbers of an update are most of what a client does. */

/** 10 to the −40th … 60th: what brings any float32 to nine digits. */
const tens = Float64Array.from({ length: 101 }, (_, i) => Number(`1e${i - 40}`));
const [comma, dash, zero, e] = [0x2c, 0x2d, 0x30, 0x65];

/** A growing text of bytes. */
export interface JsonBytes {
  /** ASCII, as it is. */
  readonly text: (text: string) => JsonBytes;
  /** Whole numbers of less than 2³¹, comma between them. */
  readonly integers: (values: Int32Array, from: number, to: number) => JsonBytes;
  /** Nine significant digits, which a float32 comes back from bit for bit. */
  readonly floats: (values: Float32Array) => JsonBytes;
  readonly done: () => Uint8Array;
}

/** @param sheet memory to write into; no more is taken where it is enough */
export function jsonBytes(sheet: Uint8Array): JsonBytes {
  let bytes = sheet;
  let at = 0;
  const room = (more: number): void => {
    if (at + more <= bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * bytes.length, at + more));
    larger.set(bytes.subarray(0, at));
    bytes = larger;
  };
  const digits = (value: number): void => {
    let rest = value | 0;
    let end = at + 1;
    for (let bound = 10; bound <= rest; bound *= 10) end++;
    for (let i = end - 1; i >= at; i--) {
      const tenth = (rest / 10) | 0;
      bytes[i] = zero + rest - tenth * 10;
      rest = tenth;
    }
    at = end;
  };
  const float = (value: number): void => {
    const size = Math.abs(value);
    if (value < 0) bytes[at++] = dash;
    if (size < 1e9 && Number.isInteger(size)) {
      digits(size);
      return;
    }
    let exponent = Math.floor(Math.log10(size));
    let whole = Math.round(size * tens[48 - exponent]!);
    // The logarithm of a power of ten may be a hair beside it.
    if (whole >= 1e9) whole = Math.round(size * tens[48 - ++exponent]!);
    digits(whole);
    bytes[at++] = e;
    if (exponent < 8) bytes[at++] = dash;
    digits(Math.abs(exponent - 8));
  };
  const writer: JsonBytes = {
    text: (text) => {
      room(text.length);
      for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
      return writer;
    },
    integers: (values, from, to) => {
      room((to - from) * 11);
      for (let i = from; i < to; i++) {
        if (i > from) bytes[at++] = comma;
        digits(values[i]!);
      }
      return writer;
    },
    floats: (values) => {
      room(values.length * 16);
      let start = at;
      for (let i = 0; i < values.length; i++) {
        if (i > 0) bytes[at++] = comma;
        // The tokens of a step often share their number.
        if (i > 0 && values[i] === values[i - 1]) {
          const length = at - 1 - start;
          bytes.copyWithin(at, start, at - 1);
          start = at;
          at += length;
          continue;
        }
        start = at;
        float(values[i]!);
      }
      return writer;
    },
    done: () => bytes.subarray(0, at),
  };
  return writer;
}
