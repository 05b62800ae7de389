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
    const lanes = new Int32Array([seed + P1 + P2, seed + P2, seed, seed - P1]);
    const words = wordsOf(bytes);
    const end = words.length & ~3;
    for (let start = 0; start < end; start += BLOCK) mix(lanes, words.subarray(start, Math.min(end, start + BLOCK)));
    const [a, b, c, d] = lanes as unknown as [number, number, number, number];
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
    at = 4 * end;
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

/** Words mixed at a call: a loop that runs for long in one call is compiled in its middle, to code half as fast. */
const BLOCK = 2 ** 14;

const mix = (lanes: Int32Array, words: Int32Array): void => {
  let a = lanes[0]!;
  let b = lanes[1]!;
  let c = lanes[2]!;
  let d = lanes[3]!;
  const stripes = words.length >> 2;
  for (let i = 0; i < stripes; i++) {
    a = round(a, words[4 * i]!);
    b = round(b, words[4 * i + 1]!);
    c = round(c, words[4 * i + 2]!);
    d = round(d, words[4 * i + 3]!);
  }
  lanes[0] = a;
  lanes[1] = b;
  lanes[2] = c;
  lanes[3] = d;
};

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));
const round = (lane: number, word: number): number => Math.imul(rotate((lane + Math.imul(word, P2)) | 0, 13), P1);

/** The bytes as words; copied where they do not start on a word. */
const wordsOf = (bytes: Uint8Array): Int32Array => {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Int32Array(aligned.buffer, aligned.byteOffset, bytes.length >> 2);
};
