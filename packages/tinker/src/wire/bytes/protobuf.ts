/** Reads protobuf messages by field number: what of the wire format `tinker_public` needs. */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

export const protobufType = 'application/x-protobuf';

/** `DType` of the schema. */
export const dtypes = { float32: 1, int64: 2, int32: 3, bfloat16: 4 } as const;

/** A message as it was read: every field's values in their order, of fields nobody asks for too. */
export interface Message {
  /** Bytes, texts, messages within. */
  readonly parts: (field: number) => readonly Uint8Array[];
  /** The last number, 0 where there is none, as the format has it. */
  readonly number: (field: number) => number;
  readonly text: (field: number) => string;
}

/** Reads a stranger's message. @throws RangeError for bytes that are none */
export function messageOf(bytes: Uint8Array): Message {
  const parts = new Map<number, Uint8Array[]>();
  const numbers = new Map<number, number>();
  const reader = new BinaryReader(bytes);
  try {
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      if (type === WireType.LengthDelimited) {
        const known = parts.get(field);
        if (known) known.push(reader.bytes());
        else parts.set(field, [reader.bytes()]);
      } else if (type === WireType.Varint) numbers.set(field, Number(reader.int64()));
      else if (type === WireType.Bit64) numbers.set(field, reader.double());
      else reader.skip(type, field);
    }
  } catch (error) {
    throw new RangeError(`it is no protobuf message (${error instanceof Error ? error.message : 'unreadable'})`);
  }
  return {
    parts: (field) => parts.get(field) ?? [],
    number: (field) => numbers.get(field) ?? 0,
    text: (field) => new TextDecoder().decode(parts.get(field)?.at(-1) ?? new Uint8Array()),
  };
}

/** A map field: the last value under each name. */
export function entriesOf(message: Message, field: number): ReadonlyMap<string, Message> {
  return new Map(
    message.parts(field).map((part) => {
      const pair = messageOf(part);
      return [pair.text(1), pair];
    }),
  );
}

/** Whole numbers of 8 bytes each. @throws RangeError beyond 2⁵³, or when the bytes are no multiple of 8 */
export function int64sOf(bytes: Uint8Array): number[] {
  return Array.from(new BigInt64Array(aligned(bytes, 8)), (value) => {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw new RangeError(`an int64 is too large: ${value}`);
    return number;
  });
}

export const int32sOf = (bytes: Uint8Array): Int32Array => new Int32Array(aligned(bytes, 4));

export const float32sOf = (bytes: Uint8Array): Float32Array => new Float32Array(aligned(bytes, 4));

/** bfloat16 is the upper half of a float32. */
export function bfloat16sOf(bytes: Uint8Array): Float32Array {
  const halves = new Uint16Array(aligned(bytes, 2));
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) words[i] = halves[i]! << 16;
  return new Float32Array(words.buffer);
}

function aligned(bytes: Uint8Array, size: number): ArrayBuffer {
  if (bytes.byteLength % size !== 0)
    throw new RangeError(`${bytes.byteLength} bytes are no whole numbers of ${size} bytes`);
  // Copied by hand: a Node Buffer's own `slice` is a view.
  return new Uint8Array(bytes).buffer;
}
