/**
 * Writes protobuf messages from their end to their beginning: a message's length is known when its tag is written, so that one buffer of
 * the right size is filled once, and nothing is copied from level to level.
 */

/** What writes a message's fields, the last one first. Fields of value 0 are left out, as the format has it. */
export interface MessageWriter {
  readonly text: (field: number, value: string) => MessageWriter;
  readonly bytes: (field: number, value: Uint8Array) => MessageWriter;
  /** A typed array as its bytes; little-endian, as every machine that runs this is. */
  readonly array: (field: number, values: Int32Array | Float32Array) => MessageWriter;
  /** Whole numbers as int64, 8 bytes each. */
  readonly int64s: (field: number, values: ArrayLike<number>) => MessageWriter;
  /** A whole number ≥ 0. */
  readonly integer: (field: number, value: number) => MessageWriter;
  readonly double: (field: number, value: number) => MessageWriter;
  readonly packed: (field: number, values: readonly number[]) => MessageWriter;
  /** A message within this one; its fields too are written from the last to the first. */
  readonly within: (field: number, write: (inner: MessageWriter) => void) => MessageWriter;
  readonly done: () => Uint8Array;
}

/** Wire types of the format. */
const [varintType, bit64Type, lengthType] = [0, 1, 2];

/** @param sheet memory to write into; no more is taken where it is enough */
export function message(sheet: Uint8Array = new Uint8Array(256)): MessageWriter {
  let buffer = sheet;
  let at = sheet.length;
  let words = new Int32Array(0);
  const room = (more: number): void => {
    if (at >= more) return;
    const larger = new Uint8Array(Math.max(2 * buffer.length, buffer.length + more));
    larger.set(buffer.subarray(at), larger.length - (buffer.length - at));
    at += larger.length - buffer.length;
    buffer = larger;
  };
  const varint = (value: number): void => {
    let size = 1;
    for (let bound = 128; bound <= value; bound *= 128) size++;
    room(size);
    at -= size;
    let rest = value;
    for (let i = 0; i < size - 1; i++) {
      const next = Math.floor(rest / 128);
      buffer[at + i] = rest - next * 128 + 128;
      rest = next;
    }
    buffer[at + size - 1] = rest;
  };
  const tag = (field: number, type: number): void => varint(field * 8 + type);
  const writer: MessageWriter = {
    text: (field, value) => writer.bytes(field, new TextEncoder().encode(value)),
    bytes: (field, value) => {
      room(value.length);
      at -= value.length;
      buffer.set(value, at);
      varint(value.length);
      tag(field, lengthType);
      return writer;
    },
    array: (field, { buffer: own, byteOffset, byteLength }) =>
      writer.bytes(field, new Uint8Array(own as ArrayBuffer, byteOffset, byteLength)),
    int64s: (field, values) => {
      const { length } = values;
      if (words.length < 2 * length) words = new Int32Array(2 * length);
      for (let i = 0; i < length; i++) {
        words[2 * i] = values[i]!;
        words[2 * i + 1] = values[i]! < 0 ? -1 : 0;
      }
      return writer.array(field, words.subarray(0, 2 * length));
    },
    integer: (field, value) => {
      if (value === 0) return writer;
      varint(value);
      tag(field, varintType);
      return writer;
    },
    double: (field, value) => {
      room(8);
      at -= 8;
      new DataView(buffer.buffer, buffer.byteOffset).setFloat64(at, value, true);
      tag(field, bit64Type);
      return writer;
    },
    packed: (field, values) => {
      const end = buffer.length - at;
      for (let i = values.length - 1; i >= 0; i--) varint(values[i]!);
      varint(buffer.length - at - end);
      tag(field, lengthType);
      return writer;
    },
    within: (field, write) => {
      const end = buffer.length - at;
      write(writer);
      varint(buffer.length - at - end);
      tag(field, lengthType);
      return writer;
    },
    done: () => buffer.subarray(at),
  };
  return writer;
}
