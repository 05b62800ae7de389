/**
 * TensorFlow's `Event` protocol buffer (tensorflow/core/util/event.proto and framework/summary.proto), as far as scalars need it:
 * Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5 },
 * Summary { repeated Value value = 1 }, Value { string tag = 1; float simple_value = 2 }.
 */

const utf8 = new TextEncoder();

/** The first record of every event file. */
export function versionEvent(wallTime: number): Uint8Array {
  return message([double(1, wallTime), bytes(3, utf8.encode('brain.Event:2'))]);
}

/** All scalars of one step. `wallTime` is in seconds since 1970. */
export function scalarsEvent(wallTime: number, step: number, scalars: Readonly<Record<string, number>>): Uint8Array {
  const values = Object.entries(scalars).map(([tag, value]) =>
    bytes(1, message([bytes(1, utf8.encode(tag)), float(2, value)])),
  );
  return message([double(1, wallTime), varintField(2, step), bytes(5, message(values))]);
}

const message = (fields: readonly Uint8Array[]): Uint8Array => new Uint8Array(fields.flatMap((field) => [...field]));

/** Wire types: 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes. */
const key = (field: number, wire: number): number => (field << 3) | wire;

function varint(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  while (rest >= 128) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return [...out, rest];
}

const varintField = (field: number, value: number): Uint8Array => new Uint8Array([key(field, 0), ...varint(value)]);

const bytes = (field: number, data: Uint8Array): Uint8Array =>
  new Uint8Array([key(field, 2), ...varint(data.length), ...data]);

function double(field: number, value: number): Uint8Array {
  const out = new Uint8Array(9);
  out[0] = key(field, 1);
  new DataView(out.buffer).setFloat64(1, value, true);
  return out;
}

function float(field: number, value: number): Uint8Array {
  const out = new Uint8Array(5);
  out[0] = key(field, 5);
  new DataView(out.buffer).setFloat32(1, value, true);
  return out;
}
