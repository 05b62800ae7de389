/** GGUF as gguf-py reads and writes it: test/golden/gguf/blocks.json, made by test/golden/gguf/make.py with gguf 0.19. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ggufChunks } from './chunks.ts';
import { dequantize, readableGgmlTypes } from './dequantize.ts';
import { type GgufHeader, parseGgufHeader } from './header.ts';
import { quantize, type WritableGgmlType } from './quantize.ts';

const golden: {
  blocks: { dtype: string; bytes: string; values: string }[];
  row: string;
  quantized: { dtype: WritableGgmlType; bytes: string }[];
  file: string;
} = JSON.parse(readFileSync(new URL('../../../../test/golden/gguf/blocks.json', import.meta.url), 'utf8'));

const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));
const bitsOf = (values: Float32Array): Uint32Array => new Uint32Array(values.buffer);
const floatsOf = (base64: string): Float32Array => new Float32Array(bytesOf(base64).buffer);

const whole = async (chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = [];
  for await (const chunk of chunks) pieces.push(chunk);
  return new Uint8Array(Buffer.concat(pieces));
};

describe('blocks', () => {
  test.each(golden.blocks)('$dtype: the bits of gguf-py', ({ dtype, bytes, values }) => {
    const expected = floatsOf(values);
    expect(bitsOf(dequantize(bytesOf(bytes), dtype))).toEqual(bitsOf(expected));
    expect(expected.some((value) => value !== 0)).toBe(true);
  });

  test('each quantised type is among them', () => {
    const checked = new Set(golden.blocks.map(({ dtype }) => dtype));
    expect([...readableGgmlTypes].filter((dtype) => !checked.has(dtype))).toEqual(['F32', 'F16', 'BF16']);
  });

  test.each(golden.quantized)('$dtype is written as gguf-py writes it', ({ dtype, bytes }) => {
    expect(quantize(floatsOf(golden.row), dtype)).toEqual(bytesOf(bytes));
  });

  test('what was written is read: F32 as it was, the others within their step', () => {
    const row = floatsOf(golden.row);
    expect(dequantize(quantize(row, 'F32'), 'F32')).toEqual(row);
    for (const [dtype, relative] of [
      ['F16', 2 ** -11],
      ['BF16', 2 ** -8],
    ] as const)
      dequantize(quantize(row, dtype), dtype).forEach((value, i) => {
        expect(Math.abs(value - row[i]!)).toBeLessThanOrEqual(Math.abs(row[i]!) * relative + 2 ** -25);
      });
  });

  test.each<[string, () => unknown, string]>([
    ['a type that is not read', () => dequantize(new Uint8Array(66), 'IQ2_XXS', 'w'), 'w: type must be one of F32'],
    ['an unknown type', () => dequantize(new Uint8Array(66), 'constructor'), 'got constructor'],
    ['half a block', () => dequantize(new Uint8Array(33), 'Q8_0', 'w'), 'w: 33 bytes are not whole blocks of 34'],
    ['half a row', () => quantize(new Float32Array(31), 'Q8_0'), 'whole blocks of 32, got 31'],
    ['a NaN among 32', () => quantize(new Float32Array(32).fill(Number.NaN, 3, 4), 'Q8_0'), 'finite numbers alone'],
    ['an infinity among 32', () => quantize(new Float32Array(32).fill(Infinity, 3, 4), 'Q8_0'), 'finite numbers alone'],
    ['half a row of 4 bits', () => quantize(new Float32Array(31), 'Q4_0'), 'whole blocks of 32, got 31'],
    [
      'a NaN among 4 bits',
      () => quantize(new Float32Array(32).fill(Number.NaN, 3, 4), 'Q4_0'),
      'finite numbers alone, got NaN',
    ],
    ['a type that is not written', () => quantize(new Float32Array(32), 'Q4_1' as 'Q8_0'), 'to be written, got Q4_1'],
  ])('%s is refused', (_, act, message) => {
    expect(act).toThrow(RangeError);
    expect(act).toThrow(message);
  });
});

describe('a file of gguf-py', () => {
  const bytes = bytesOf(golden.file);
  const header = parseGgufHeader(bytes, bytes.length) as GgufHeader;

  test('its metadata, each value with its type', () => {
    const { 'svo.numbers': numbers, 'svo.floats': floats, ...rest } = header.metadata;
    expect(rest).toEqual({
      'general.architecture': { type: 'string', value: 'llama' },
      'svo.uint8': { type: 'uint8', value: 200 },
      'svo.int8': { type: 'int8', value: -100 },
      'svo.uint16': { type: 'uint16', value: 60000 },
      'svo.int16': { type: 'int16', value: -30000 },
      'svo.uint32': { type: 'uint32', value: 2 ** 32 - 1 },
      'svo.int32': { type: 'int32', value: -(2 ** 31) },
      'svo.float32': { type: 'float32', value: Math.fround(0.1) },
      'svo.bool': { type: 'bool', value: true },
      'svo.string': { type: 'string', value: '\ufeffä 🙂' },
      'svo.uint64': { type: 'uint64', value: 2n ** 64n - 1n },
      'svo.int64': { type: 'int64', value: -5 },
      'svo.float64': { type: 'float64', value: 0.1 },
      'svo.strings': { type: 'array', of: 'string', value: ['', 'a', '▁b'] },
      'svo.bools': { type: 'array', of: 'bool', value: [true, false] },
    });
    expect(numbers).toEqual({ type: 'array', of: 'int32', value: Int32Array.of(1, -2, 3) });
    expect(floats).toEqual({ type: 'array', of: 'float32', value: Float32Array.of(0.5, -1.5) });
  });

  test('its tensors', () => {
    const at = (name: string): Float32Array => {
      const { start, end, dtype } = header.tensors[name]!;
      return dequantize(bytes.subarray(start, end), dtype);
    };
    expect(Object.entries(header.tensors).map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
      ['a.weight', 'F32', [2, 3]],
      ['b.weight', 'Q8_0', [2, 32]],
      ['c.weight', 'F16', [3]],
    ]);
    expect([...at('a.weight')]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...at('c.weight')]).toEqual([1, 2, 3]);
    expect(at('b.weight')).toEqual(dequantize(quantize(floatsOf(golden.row).subarray(0, 64), 'Q8_0'), 'Q8_0'));
  });

  test('written again by us it is the same, byte for byte', async () => {
    const sources = Object.entries(header.tensors).map(([name, { dtype, shape, start, end }]) => ({
      name,
      shape,
      dtype: dtype as WritableGgmlType,
      data: () => dequantize(bytes.subarray(start, end), dtype),
    }));
    expect(await whole(ggufChunks(sources, header.metadata))).toEqual(bytes);
  });

  test('every shorter beginning asks for more, and every shorter file is refused', () => {
    const { start } = header.tensors['a.weight']!;
    for (let length = 0; length < start - 32; length++) {
      expect(parseGgufHeader(bytes.subarray(0, length), bytes.length)).toBeUndefined();
      expect(() => parseGgufHeader(bytes.subarray(0, length), length)).toThrow(/truncated file/);
    }
    expect(() => parseGgufHeader(bytes.subarray(0, -64), bytes.length - 64)).toThrow(/lie outside a file of/);
  });
});
