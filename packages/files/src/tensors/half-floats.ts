/** The two 16-bit floats models are stored in, to and from float32, over whole arrays. Rounding is to nearest, ties to even. */

const bits = new Uint32Array(1);
const value = new Float32Array(bits.buffer);

/**
 * bfloat16 bits → float32: the upper half of the float32 with the same value. Exact.
 * @example
 * ```ts
 * import { fromBfloat16 } from '@svo/files';
 * fromBfloat16(new Uint16Array([0x3f80]))[0]; // => 1
 * ```
 */
export function fromBfloat16(source: Uint16Array): Float32Array {
  const target = new Uint32Array(source.length);
  for (let i = 0; i < source.length; i++) target[i] = source[i]! << 16;
  return new Float32Array(target.buffer);
}

/**
 * float32 → bfloat16 bits: 8 bits of significand are kept, NaN stays a (quiet) NaN.
 * @example
 * ```ts
 * import { toBfloat16 } from '@svo/files';
 * toBfloat16(new Float32Array([1]))[0]; // => 16256
 * ```
 */
export function toBfloat16(source: Float32Array): Uint16Array {
  const words = new Uint32Array(source.buffer, source.byteOffset, source.length);
  const target = new Uint16Array(source.length);
  for (let i = 0; i < source.length; i++) {
    const word = words[i]!;
    const isNaNWord = (word & 0x7fffffff) > 0x7f800000;
    target[i] = isNaNWord ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return target;
}

/**
 * IEEE binary16 bits → float32, subnormals and infinities included. Exact.
 * @example
 * ```ts
 * import { fromFloat16 } from '@svo/files';
 * fromFloat16(new Uint16Array([0x3c00]))[0]; // => 1
 * ```
 */
export function fromFloat16(source: Uint16Array): Float32Array {
  const target = new Float32Array(source.length);
  const words = new Uint32Array(target.buffer);
  for (let i = 0; i < source.length; i++) {
    const half = source[i]!;
    const exponent = (half >>> 10) & 31;
    const fraction = half & 0x3ff;
    if (exponent === 0) {
      const magnitude = fraction * 2 ** -24;
      target[i] = half & 0x8000 ? -magnitude : magnitude;
    } else {
      const wide = exponent === 31 ? 0x7f800000 : (exponent + 112) << 23;
      words[i] = ((half & 0x8000) << 16) | wide | (fraction << 13);
    }
  }
  return target;
}

/**
 * float32 → IEEE binary16 bits. Beyond ±65504 (after rounding) it becomes an infinity, as the standard says.
 * @example
 * ```ts
 * import { toFloat16 } from '@svo/files';
 * toFloat16(new Float32Array([1]))[0]; // => 15360
 * ```
 */
export function toFloat16(source: Float32Array): Uint16Array {
  const target = new Uint16Array(source.length);
  for (let i = 0; i < source.length; i++) target[i] = halfOf(source[i]!);
  return target;
}

function halfOf(x: number): number {
  value[0] = x;
  const sign = (bits[0]! >>> 16) & 0x8000;
  const magnitude = bits[0]! & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65520 is halfway between the largest half and the next power of two: it and everything above rounds to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Subnormal: adding 0.5 lines the significand up with 2⁻²⁴, and the adder rounds to nearest even.
    value[0] = Math.abs(x) + 0.5;
    return sign | (bits[0]! - 0x3f000000);
  }
  const even = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x38000000 + 0xfff + even) >>> 13);
}
