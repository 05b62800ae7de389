/**
 * Blocks of 32 numbers with a float16 scale d, and of some a float16 minimum m (ggml-common.h: block_q4_0, q4_1, q5_0, q5_1, q8_0). The low
 * halves of 16 bytes are the first 16 numbers, the high halves the others; the fifth bits lie in 4 bytes before them.
 * All products are exact in a double, and a sum is rounded once, to float32: what float32 arithmetic gives.
 */
import { halfValues } from './half-values.ts';

/** Writes a block's numbers: `at` is where it begins among the bytes, `to` where its numbers go. */
export type Unpack = (bytes: Uint8Array, at: number, values: Float32Array, to: number) => void;

const halfAt = (bytes: Uint8Array, at: number): number => halfValues()[bytes[at]! | (bytes[at + 1]! << 8)]!;

/** d·(q − 8). */
export const q4_0: Unpack = (bytes, at, values, to) => {
  const d = halfAt(bytes, at);
  for (let i = 0; i < 16; i++) {
    const byte = bytes[at + 2 + i]!;
    values[to + i] = d * ((byte & 15) - 8);
    values[to + 16 + i] = d * ((byte >> 4) - 8);
  }
};

/** d·q + m. */
export const q4_1: Unpack = (bytes, at, values, to) => {
  const [d, m] = [halfAt(bytes, at), halfAt(bytes, at + 2)];
  for (let i = 0; i < 16; i++) {
    const byte = bytes[at + 4 + i]!;
    values[to + i] = d * (byte & 15) + m;
    values[to + 16 + i] = d * (byte >> 4) + m;
  }
};

const fifthBits = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);

/** d·(q − 16). */
export const q5_0: Unpack = (bytes, at, values, to) => {
  const [d, high] = [halfAt(bytes, at), fifthBits(bytes, at + 2)];
  for (let i = 0; i < 16; i++) {
    const byte = bytes[at + 6 + i]!;
    values[to + i] = d * (((byte & 15) | (((high >>> i) & 1) << 4)) - 16);
    values[to + 16 + i] = d * (((byte >> 4) | (((high >>> (i + 16)) & 1) << 4)) - 16);
  }
};

/** d·q + m. */
export const q5_1: Unpack = (bytes, at, values, to) => {
  const [d, m, high] = [halfAt(bytes, at), halfAt(bytes, at + 2), fifthBits(bytes, at + 4)];
  for (let i = 0; i < 16; i++) {
    const byte = bytes[at + 8 + i]!;
    values[to + i] = d * ((byte & 15) | (((high >>> i) & 1) << 4)) + m;
    values[to + 16 + i] = d * ((byte >> 4) | (((high >>> (i + 16)) & 1) << 4)) + m;
  }
};

/** d·q, q of 8 bits with a sign. */
export const q8_0: Unpack = (bytes, at, values, to) => {
  const d = halfAt(bytes, at);
  for (let i = 0; i < 32; i++) values[to + i] = d * ((bytes[at + 2 + i]! << 24) >> 24);
};
