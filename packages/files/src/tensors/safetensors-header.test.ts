import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { decodeSafetensors } from './safetensors.ts';
import { parseSafetensorsHeader, safetensorsHeaderLength } from './safetensors-header.ts';

/** A file with whatever header and however many bytes of body we like. */
function fileOf(header: string | object, bodyBytes: number, claimed?: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + bodyBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(claimed ?? json.length), true);
  bytes.set(json, 8);
  return bytes;
}
const entry = (start: number, end: number, shape = [(end - start) / 4], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [start, end],
});

describe('a hostile file is a clear error', () => {
  const cases: [string, Uint8Array, string][] = [
    ['empty', new Uint8Array(0), 'expected at least 8 bytes, got 0'],
    ['a header beyond the file', fileOf('{}', 0, 1000), 'does not fit a file of 10'],
    ['a header of 2⁶³ bytes', fileOf('{}', 0, 2 ** 63), 'at most 100000000 bytes'],
    ['no JSON', fileOf('{"w":', 4), 'not valid JSON'],
    ['not UTF-8', Uint8Array.from([2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe]), 'not valid JSON'],
    ['a list', fileOf('[]', 0), 'must be a JSON object'],
    [
      'duplicate names',
      fileOf(`{"w":${JSON.stringify(entry(0, 4))},"w":${JSON.stringify(entry(0, 4))}}`, 4),
      '"w" appears twice',
    ],
    ['__proto__', fileOf(`{"__proto__":${JSON.stringify(entry(0, 4))}}`, 4), '__proto__'],
    ['an entry that is no object', fileOf({ w: 3 }, 0), 'w: entry must be an object'],
    ['an unknown dtype', fileOf({ w: entry(0, 4, [1], 'q-4') }, 4), 'w: unknown dtype "q-4"'],
    ['a dtype of the prototype', fileOf({ w: entry(0, 4, [1], 'constructor') }, 4), 'unknown dtype'],
    ['a negative size', fileOf({ w: entry(0, 4, [-1]) }, 4), 'whole numbers ≥ 0'],
    ['a fractional size', fileOf({ w: entry(0, 4, [0.5]) }, 4), 'whole numbers ≥ 0'],
    ['a size that overflows', fileOf({ w: entry(0, 4, [2 ** 40, 2 ** 40]) }, 4), 'too large'],
    ['offsets turned around', fileOf({ w: { ...entry(0, 4), data_offsets: [4, 0] } }, 4), 'start ≤ end'],
    ['one offset', fileOf({ w: { ...entry(0, 4), data_offsets: [4] } }, 4), 'start ≤ end'],
    ['a truncated body', fileOf({ w: entry(0, 8) }, 4), 'truncated file?'],
    ['a range that disagrees with its shape', fileOf({ w: entry(0, 8, [1]) }, 8), 'takes 4 bytes, its range holds 8'],
    ['an overlap', fileOf({ a: entry(0, 8), b: entry(4, 12) }, 12), "b: its bytes overlap another tensor's"],
    ['a hole', fileOf({ a: entry(0, 4), b: entry(8, 12) }, 12), 'b: 4 bytes before it belong to no tensor'],
    ['bytes at the end', fileOf({ a: entry(0, 4) }, 12), 'the last 8 bytes belong to no tensor'],
    ['metadata that is no string', fileOf({ __metadata__: { a: 1 } }, 0), '__metadata__.a must be a string'],
  ];
  for (const [name, bytes, message] of cases)
    it(name, () => {
      expect(() => decodeSafetensors(bytes)).toThrow(RangeError);
      expect(() => decodeSafetensors(bytes)).toThrow(message);
    });

  it('is known before memory is taken: a header alone claims a terabyte', () => {
    const header = new TextEncoder().encode(JSON.stringify({ w: entry(0, 2 ** 40) }));
    expect(() => parseSafetensorsHeader(header, 1000)).toThrow('lie outside a file of 1000');
    expect(() => safetensorsHeaderLength(new Uint8Array(4), 4)).toThrow('got 4');
  });

  it.each(['F8_E8M0', 'F4', 'C64', 'F6_E2M3'])('a dtype %s, unknown here, still parses', (dtype) => {
    const header = new TextEncoder().encode(JSON.stringify({ p: entry(0, 3, [4], dtype), w: entry(3, 7) }));
    const { tensors } = parseSafetensorsHeader(header, 8 + header.length + 7);
    expect([tensors.p!.dtype, tensors.w!.dtype]).toEqual([dtype, 'F32']);
  });

  it('a dtype that does not decode still parses', () => {
    const header = new TextEncoder().encode(JSON.stringify({ p: entry(0, 8, [1], 'I64') }));
    expect(parseSafetensorsHeader(header, 8 + header.length + 8).tensors.p!.dtype).toBe('I64');
  });

  it.prop([fc.uint8Array({ maxLength: 200 })])('random bytes never read as tensors', (bytes) => {
    expect(() => decodeSafetensors(bytes)).toThrow(RangeError);
  });
});
