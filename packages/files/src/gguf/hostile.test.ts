/** GGUF files from anywhere: a header, or a RangeError that says what is wrong, before memory is taken. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseGgufHeader } from './header.ts';

const golden = JSON.parse(readFileSync(new URL('../../../../test/golden/gguf/blocks.json', import.meta.url), 'utf8'));
const good = new Uint8Array(Buffer.from(golden.file, 'base64'));

/** Marsaglia's xorshift32: the same mutations on every run. */
const draws = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
};

/** One to four changes of the file: a byte, a bit, a count made huge, a stretch cut out, doubled or moved, an end cut off. */
const mutated = (draw: (below: number) => number): Uint8Array => {
  let bytes = [...good];
  for (let change = 1 + draw(4); change > 0; change--) {
    const at = draw(bytes.length);
    const length = draw(24);
    const kind = draw(7);
    if (kind === 0) bytes[at] = draw(256);
    else if (kind === 1) bytes[at]! ^= 1 << draw(8);
    else if (kind === 2) bytes.splice(at, 8, ...Array.from({ length: 8 }, () => (draw(2) ? 255 : draw(256))));
    else if (kind === 3) bytes.splice(at, length);
    else if (kind === 4) bytes.splice(at, 0, ...bytes.slice(at, at + length));
    else if (kind === 5) bytes.splice(draw(bytes.length), 0, ...bytes.splice(at, length));
    else bytes = bytes.slice(0, at + 1);
  }
  return Uint8Array.from(bytes);
};

test('10,000 mutations: a header whose ranges lie in the file, or an error; little memory', () => {
  const draw = draws(20261130);
  const before = process.memoryUsage().arrayBuffers;
  let refused = 0;
  for (let round = 0; round < 10_000; round++) {
    const bytes = mutated(draw);
    try {
      const header = parseGgufHeader(bytes, bytes.length);
      for (const { start, end } of Object.values(header!.tensors))
        expect(start <= end && end <= bytes.length).toBe(true);
    } catch (error) {
      refused++;
      expect(error, String((error as Error).stack)).toBeInstanceOf(RangeError);
      expect((error as Error).message).toMatch(/^gguf: /);
      expect((error as Error).message.length).toBeLessThan(400);
    }
  }
  expect(refused).toBeGreaterThan(5_000);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100e6);
});

/** A file of parts: numbers of 8 bytes, numbers of 4 bytes as `[n]`, and texts with their length before them. */
const fileOf = (...parts: (bigint | [number] | string)[]): Uint8Array => {
  const pieces = parts.map((part) => {
    if (typeof part === 'string') {
      const bytes = Buffer.from(part);
      return Buffer.concat([fileOf(BigInt(bytes.length)), bytes]);
    }
    const piece = Buffer.alloc(typeof part === 'bigint' ? 8 : 4);
    if (typeof part === 'bigint') piece.writeBigUInt64LE(part);
    else piece.writeUInt32LE(part[0]);
    return piece;
  });
  return new Uint8Array(Buffer.concat(pieces));
};
const magic: [number] = [0x46554747];
/** A file with one tensor of float32 `[dims]`, at an offset. */
const tensorFile = (dims: bigint[], offset: bigint, type = 0, body = 4096): Uint8Array =>
  new Uint8Array(
    Buffer.concat([fileOf(magic, [3], 1n, 0n, 'w', [dims.length], ...dims, [type], offset), Buffer.alloc(body)]),
  );

describe('a claim is refused by name', () => {
  const huge = 2n ** 62n;
  test.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'magic number and version at byte 0 does not fit a file of 0'],
    ['another format', fileOf(0x0000_0003_5852_5545n, 0n), 'must begin with "GGUF"'],
    ['version 1', fileOf(magic, [1], 0n, 0n), 'version must be 2 or 3, got 1'],
    ['a big-endian file', fileOf(magic, [0x0300_0000], 0n, 0n), 'big-endian'],
    ['2⁶² tensors', fileOf(magic, [3], huge, 0n), 'the number of tensors must be at most 65536'],
    ['65,536 tensors in 24 bytes', fileOf(magic, [3], 65_536n, 0n), 'the number of tensors of 65536'],
    ['2⁶² keys', fileOf(magic, [3], 0n, huge), 'the number of keys must be at most 65536'],
    ['a key of 2⁶² bytes', fileOf(magic, [3], 0n, 1n, huge, 0n), 'the length of a key must be at most 65535'],
    ['a string of 2⁶² bytes', fileOf(magic, [3], 0n, 1n, 'k', [8], huge), 'the length of "k"'],
    ['an array of 2⁶² strings', fileOf(magic, [3], 0n, 1n, 'k', [9], [8], huge), 'the array "k"'],
    ['an array of arrays', fileOf(magic, [3], 0n, 1n, 'k', [9], [9], 1n), 'an array of arrays'],
    ['an unknown value type', fileOf(magic, [3], 0n, 1n, 'k', [13], 0n), 'value type 13 is unknown'],
    ['a key twice', fileOf(magic, [3], 0n, 2n, 'k', [4], [1], 'k', [4], [1]), 'key "k" comes twice'],
    ['an odd alignment', fileOf(magic, [3], 0n, 1n, 'general.alignment', [4], [3]), 'a power of two'],
    ['an alignment of 0', fileOf(magic, [3], 0n, 1n, 'general.alignment', [4], [0]), 'a power of two'],
    ['rank 5', tensorFile([1n, 1n, 1n, 1n, 1n], 0n), 'rank must be at most 4, got 5'],
    ['a shape beyond all bounds', tensorFile([2n ** 40n, 2n ** 40n], 0n), 'is too large'],
    ['more than the file', tensorFile([2n ** 40n], 0n), 'lie outside a file of'],
    ['an unknown type', tensorFile([32n], 0n, 99), '"w": tensor type 99 is unknown'],
    ['half a block', tensorFile([16n], 0n, 8), 'a row of 16 is not whole blocks of 32 (Q8_0)'],
    ['an offset between', tensorFile([4n], 4n), 'offset 4 is not a multiple of the alignment 32'],
    ['an offset beyond the file', tensorFile([4n], 2n ** 63n), 'lie outside a file of'],
    ['a hole', tensorFile([4n], 64n), '"w": 64 bytes before it belong to no tensor'],
    [
      'an overlap',
      new Uint8Array(
        Buffer.concat([
          fileOf(magic, [3], 2n, 0n, 'a', [1], 64n, [0], 0n, 'b', [1], 64n, [0], 64n),
          Buffer.alloc(4096),
        ]),
      ),
      '"b": its bytes overlap',
    ],
    [
      'a name twice',
      new Uint8Array(
        Buffer.concat([fileOf(magic, [3], 2n, 0n, 'a', [1], 8n, [0], 0n, 'a', [1], 8n, [0], 32n), Buffer.alloc(4096)]),
      ),
      'the tensor "a" comes twice',
    ],
    [
      'text that is no UTF-8',
      Uint8Array.from([...fileOf(magic, [3], 0n, 1n, 1n), 0xff, 4, 0, 0, 0, 1, 0, 0, 0]),
      'not UTF-8',
    ],
  ])('%s', (_, bytes, message) => {
    const before = process.memoryUsage().arrayBuffers;
    expect(() => parseGgufHeader(bytes, bytes.length)).toThrow(RangeError);
    expect(() => parseGgufHeader(bytes, bytes.length)).toThrow(message);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5e6);
  });

  test('__proto__ is a key like another', () => {
    const bytes = fileOf(magic, [3], 0n, 1n, '__proto__', [4], [7]);
    const { metadata } = parseGgufHeader(bytes, bytes.length)!;
    expect(Object.hasOwn(metadata, '__proto__')).toBe(true);
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype);
  });
});
