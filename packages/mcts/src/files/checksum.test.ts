import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { xxh32 } from './checksum.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('xxh32', () => {
  test.each([
    ['', 0, 0x02cc5d05],
    ['a', 0, 0x550d7456],
    ['abc', 0, 0x32d153ff],
    ['Nobody inspects the spammish repetition', 0, 0xe2293b2f],
  ])('of %j is the published number', (text, seed, expected) => {
    expect(xxh32(bytesOf(text), seed)).toBe(expected);
  });

  test.prop([fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), fc.nat(7)])(
    'changes with any one bit, and not with where the bytes lie',
    (bytes, at, bit) => {
      const shifted = new Uint8Array(bytes.length + 1);
      shifted.set(bytes, 1);
      expect(xxh32(shifted.subarray(1))).toBe(xxh32(bytes));
      const flipped = bytes.slice();
      flipped[at % bytes.length]! ^= 1 << bit;
      expect(xxh32(flipped)).not.toBe(xxh32(bytes));
    },
  );
});
