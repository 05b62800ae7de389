const P1 = 0x9e3779b1 | 0;
const P2 = 0x85ebca77 | 0;
const P3 = 0xc2b2ae3d | 0;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;

/**
 * XXH32 (Collet's xxHash, 32 bits) of some bytes. Written out because a tree is saved in a tenth of a second, synchronously,
 * in browsers too: npm's versions are WebAssembly behind a promise, or a tenth as fast. Needs a little-endian machine, as
 * the file format does.
 */
export function xxh32(bytes: Uint8Array, seed: number = 0): number {
  const { length } = bytes;
  let hash: number;
  let at = 0;
  if (length >= 16) {
    const words = wordsOf(bytes);
    const stripes = length >> 4;
    let a = (seed + P1 + P2) | 0;
    let b = (seed + P2) | 0;
    let c = seed | 0;
    let d = (seed - P1) | 0;
    for (let i = 0; i < stripes; i++) {
      a = round(a, words[4 * i]!);
      b = round(b, words[4 * i + 1]!);
      c = round(c, words[4 * i + 2]!);
      d = round(d, words[4 * i + 3]!);
    }
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
    at = stripes << 4;
  } else hash = (seed + P5) | 0;
  hash = (hash + length) | 0;
  for (; at + 4 <= length; at += 4) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash = Math.imul(rotate((hash + Math.imul(word, P3)) | 0, 17), P4);
  }
  for (; at < length; at++) hash = Math.imul(rotate((hash + Math.imul(bytes[at]!, P5)) | 0, 11), P1);
  hash = Math.imul(hash ^ (hash >>> 15), P2);
  hash = Math.imul(hash ^ (hash >>> 13), P3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));
const round = (lane: number, word: number): number => Math.imul(rotate((lane + Math.imul(word, P2)) | 0, 13), P1);

/** The bytes as words; copied where they do not start on a word. */
const wordsOf = (bytes: Uint8Array): Int32Array => {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Int32Array(aligned.buffer, aligned.byteOffset, bytes.length >> 2);
};
