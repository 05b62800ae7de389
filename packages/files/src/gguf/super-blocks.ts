/**
 * Super-blocks of 256 numbers (ggml-common.h: block_q2_K to block_q6_K): sub-blocks of 16 or 32 have scales, and some minima, of 4 to 8 bits,
 * which a float16 or two scale in turn. Every product is exact in a double, a difference is rounded once: the numbers are those of
 * float32 arithmetic.
 */
import { halfValues } from './half-values.ts';
import type { Unpack } from './small-blocks.ts';

const halfAt = (bytes: Uint8Array, at: number): number => halfValues()[bytes[at]! | (bytes[at + 1]! << 8)]!;

/** 2 bits: scale and minimum of 4 bits for every 16, `[16 scales | 64 quants | d | dmin]`. */
export const q2_K: Unpack = (bytes, at, values, to) => {
  const [d, least] = [halfAt(bytes, at + 80), halfAt(bytes, at + 82)];
  for (let group = 0; group < 16; group++) {
    const scale = d * (bytes[at + group]! & 15);
    const minimum = least * (bytes[at + group]! >> 4);
    // Eight groups share 32 bytes, two bits each.
    const from = at + 16 + (group >> 3) * 32 + (group & 1) * 16;
    const shift = ((group >> 1) & 3) * 2;
    for (let i = 0; i < 16; i++) values[to + group * 16 + i] = scale * ((bytes[from + i]! >> shift) & 3) - minimum;
  }
};

/** 3 bits: scales of 6 bits for every 16, `[32 high bits | 64 low bits | 12 scales | d]`. */
export const q3_K: Unpack = (bytes, at, values, to) => {
  const d = halfAt(bytes, at + 108);
  const scales = at + 96;
  for (let group = 0; group < 16; group++) {
    const low = group < 8 ? bytes[scales + group]! & 15 : bytes[scales + group - 8]! >> 4;
    const high = (bytes[scales + 8 + (group & 3)]! >> ((group >> 2) * 2)) & 3;
    const scale = d * ((low | (high << 4)) - 32);
    const column = (group & 1) * 16;
    const from = at + 32 + (group >> 3) * 32 + column;
    const shift = ((group >> 1) & 3) * 2;
    const bit = group >> 1;
    for (let i = 0; i < 16; i++) {
      const third = (bytes[at + column + i]! >> bit) & 1;
      values[to + group * 16 + i] = scale * (((bytes[from + i]! >> shift) & 3) - (third ? 0 : 4));
    }
  }
};

/** Scale and minimum of one of eight sub-blocks: six bits each, packed in 12 bytes. */
const sixBits = (bytes: Uint8Array, at: number, group: number): readonly [scale: number, minimum: number] =>
  group < 4
    ? [bytes[at + group]! & 63, bytes[at + group + 4]! & 63]
    : [
        (bytes[at + group + 4]! & 15) | ((bytes[at + group - 4]! >> 6) << 4),
        (bytes[at + group + 4]! >> 4) | ((bytes[at + group]! >> 6) << 4),
      ];

/** 4 bits, `[d | dmin | 12 scales | 128 quants]`; 5 bits, `[d | dmin | 12 scales | 32 fifth bits | 128 quants]`. */
const fourOrFiveBits =
  (fifth: boolean): Unpack =>
  (bytes, at, values, to) => {
    const [d, least] = [halfAt(bytes, at), halfAt(bytes, at + 2)];
    for (let group = 0; group < 8; group++) {
      const [scaleBits, minimumBits] = sixBits(bytes, at + 4, group);
      const [scale, minimum] = [d * scaleBits, least * minimumBits];
      const from = at + (fifth ? 48 : 16) + (group >> 1) * 32;
      const shift = (group & 1) * 4;
      for (let i = 0; i < 32; i++) {
        const high = fifth ? ((bytes[at + 16 + i]! >> group) & 1) << 4 : 0;
        values[to + group * 32 + i] = scale * (((bytes[from + i]! >> shift) & 15) | high) - minimum;
      }
    }
  };

/** 4 bits: scale and minimum of 6 bits for every 32. */
export const q4_K: Unpack = fourOrFiveBits(false);

/** 5 bits: scale and minimum of 6 bits for every 32. */
export const q5_K: Unpack = fourOrFiveBits(true);

/** 6 bits: scales of 8 bits with a sign for every 16, `[128 low bits | 64 high bits | 16 scales | d]`. */
export const q6_K: Unpack = (bytes, at, values, to) => {
  const d = halfAt(bytes, at + 208);
  for (let group = 0; group < 16; group++) {
    const scale = d * ((bytes[at + 192 + group]! << 24) >> 24);
    const [half, quarter, column] = [group >> 3, (group >> 1) & 3, (group & 1) * 16];
    const low = at + half * 64 + (quarter & 1) * 32 + column;
    const high = at + 128 + half * 32 + column;
    const [lowShift, highShift] = [(quarter >> 1) * 4, quarter * 2];
    for (let i = 0; i < 16; i++) {
      const quant = ((bytes[low + i]! >> lowShift) & 15) | (((bytes[high + i]! >> highShift) & 3) << 4);
      values[to + group * 16 + i] = scale * (quant - 32);
    }
  }
};
