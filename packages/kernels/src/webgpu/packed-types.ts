/**
 * Types of stored matrices that shaders read as they are: how their bytes become words of a buffer, and four neighbouring numbers of a row
 * float32 again, to the last bit. Half floats are read with integers: `unpack2x16float` may make zeros of subnormal ones, and a block's
 * scale often is one.
 */

/** How a type lies in a buffer, and its reader. */
export interface PackedType {
  /** Numbers of a block; 1 where there are none. */
  readonly block: number;
  /** 16-bit halves of a block: first its scale (and minimum), then its numbers. Without blocks, of a number. */
  readonly heads: number;
  readonly halves: number;
  /** WGSL: `four(row, column)`, the numbers at column … column + 3 of the buffer `b`; the column is a multiple of 4. */
  readonly four: string;
}

/** Uniforms that the readers ask for: words, or blocks, of a row; the word where scales begin. */
export const packedUniforms = ['pitch', 'heads'] as const;

/** The float16 in the lower half of a word. */
const half = `fn half(word: u32) -> f32 {
  let exponent = (word >> 10u) & 31u;
  let fraction = f32(word & 1023u) * 5.9604644775390625e-8;
  let whole = bitcast<f32>(((word & 0x7fffu) << 13u) + select(0x38000000u, 0x70000000u, exponent == 31u));
  let magnitude = select(whole, fraction, exponent == 0u);
  return select(magnitude, -magnitude, (word & 0x8000u) != 0u);
}`;

/** Two halves of a word, or one of the halves that are packed from the word `u.heads` on. */
const headOf = `fn head(block: i32) -> f32 { return half(b[u.heads + block / 2] >> u32((block % 2) * 16)); }`;

/** The 4-bit numbers of a block of 32: the low halves of 16 bytes are the first 16, the high halves the others. */
const nibbles = `
  let block = row * u.pitch + column / 32;
  let bytes = b[block * 4 + (column % 16) / 4] >> u32((column & 16) / 4);
  let numbers = vec4f((vec4u(bytes) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(15u));`;

const four = (body: string): string => `fn four(row: i32, column: i32) -> vec4f {${body}\n}`;

/** By the names that `StoredMatrix.dtype` has. */
export const packedTypes: Readonly<Record<string, PackedType>> = {
  F32: {
    ...{ block: 1, heads: 0, halves: 2 },
    four: four(`
  let at = row * u.pitch + column;
  return bitcast<vec4f>(vec4u(b[at], b[at + 1], b[at + 2], b[at + 3]));`),
  },
  BF16: {
    ...{ block: 1, heads: 0, halves: 1 },
    four: four(`
  let at = row * u.pitch + column / 2;
  let words = vec2u(b[at], b[at + 1]);
  return bitcast<vec4f>(vec4u(words.x << 16u, words.x & 0xffff0000u, words.y << 16u, words.y & 0xffff0000u));`),
  },
  F16: {
    ...{ block: 1, heads: 0, halves: 1 },
    four: `${half}\n${four(`
  let at = row * u.pitch + column / 2;
  let words = vec2u(b[at], b[at + 1]);
  return vec4f(half(words.x), half(words.x >> 16u), half(words.y), half(words.y >> 16u));`)}`,
  },
  Q8_0: {
    ...{ block: 32, heads: 1, halves: 17 },
    four: `${half}\n${headOf}\n${four(`
  let block = row * u.pitch + column / 32;
  let bytes = bitcast<i32>(b[block * 8 + (column % 32) / 4]);
  return vec4f((vec4i(bytes) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u)) * head(block);`)}`,
  },
  Q4_0: {
    ...{ block: 32, heads: 1, halves: 9 },
    four: `${half}\n${headOf}\n${four(`${nibbles}
  return (numbers - vec4f(8.0)) * head(block);`)}`,
  },
  Q4_1: {
    ...{ block: 32, heads: 2, halves: 10 },
    four: `${half}\n${four(`${nibbles}
  let word = b[u.heads + block];
  return numbers * half(word) + vec4f(half(word >> 16u));`)}`,
  },
};
