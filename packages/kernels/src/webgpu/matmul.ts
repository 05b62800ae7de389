import type { TensorHandle, WebgpuDevice } from '@svo/tensor';
import { runShader, type Shader } from './shader.ts';

/** Depth of the tiles kept in workgroup memory. */
const depth = 16;

/**
 * C = op(A) op(B) per batch entry. A workgroup of 256 owns a square of C, each invocation `per` × `per` of its elements,
 * 16 apart, so that neighbours read and write neighbouring addresses.
 */
function matmulShader(tile: 64 | 128, transposeA: boolean, transposeB: boolean): Shader {
  const per = tile / 16;
  const loads = (tile * depth) / 256;
  const load = (
    into: string,
    from: string,
    alongDepth: boolean,
    limit: string,
    first: string,
    index: string,
  ): string => `
    for (var n = 0; n < ${loads}; n++) {
      let at = lane + n * 256;
      let k = ${alongDepth ? `at % ${depth}` : `at / ${tile}`};
      let i = ${alongDepth ? `at / ${depth}` : `at % ${tile}`};
      let inside = ${first} + i < ${limit} && k0 + k < u.K;
      ${into}[k * ${tile} + i] = select(0.0, ${from}[${index}], inside);
    }`;
  return {
    name: `matmul-${tile}-${transposeA ? 'T' : 'N'}${transposeB ? 'T' : 'N'}`,
    buffers: { a: 'f32', b: 'f32', c: 'write f32' },
    integers: ['M', 'N', 'K', 'stepA', 'stepB', 'startA', 'startB', 'startC', 'adds'],
    size: 256,
    declarations: `var<workgroup> tileA: array<f32, ${tile * depth}>;\nvar<workgroup> tileB: array<f32, ${tile * depth}>;`,
    body: `
  let i0 = i32(group.y) * ${tile};
  let j0 = i32(group.x) * ${tile};
  let fromA = u.startA + i32(group.z) * u.stepA;
  let fromB = u.startB + i32(group.z) * u.stepB;
  let ty = lane / 16;
  let tx = lane % 16;
  var sums: array<array<f32, ${per}>, ${per}>;
  for (var k0 = 0; k0 < u.K; k0 += ${depth}) {${load('tileA', 'a', !transposeA, 'u.M', 'i0', `fromA + ${transposeA ? '(k0 + k) * u.M + i0 + i' : '(i0 + i) * u.K + k0 + k'}`)}${load('tileB', 'b', transposeB, 'u.N', 'j0', `fromB + ${transposeB ? '(j0 + i) * u.K + k0 + k' : '(k0 + k) * u.N + j0 + i'}`)}
    workgroupBarrier();
    for (var k = 0; k < ${depth}; k++) {
      var x: array<f32, ${per}>;
      var y: array<f32, ${per}>;
      for (var r = 0; r < ${per}; r++) {
        x[r] = tileA[k * ${tile} + ty + r * 16];
        y[r] = tileB[k * ${tile} + tx + r * 16];
      }
      for (var r = 0; r < ${per}; r++) { for (var s = 0; s < ${per}; s++) { sums[r][s] = fma(x[r], y[s], sums[r][s]); } }
    }
    workgroupBarrier();
  }
  let toC = u.startC + i32(group.z) * u.M * u.N;
  for (var r = 0; r < ${per}; r++) {
    let i = i0 + ty + r * 16;
    for (var s = 0; s < ${per}; s++) {
      let j = j0 + tx + s * 16;
      if (i < u.M && j < u.N) {
        let at = toC + i * u.N + j;
        if (u.adds != 0) { c[at] = c[at] + sums[r][s]; } else { c[at] = sums[r][s]; }
      }
    }
  }`,
  };
}

/** Sizes of a product of op(A) `[M, K]` and op(B) `[K, N]`. */
export interface ProductSizes {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** Products in all; default 1. */
  readonly batch?: number;
  /** Distance of neighbouring batch entries in floats; default 0, which repeats one. */
  readonly stepA?: number;
  readonly stepB?: number;
  /** Where in its buffer a matrix begins, in floats; default 0. */
  readonly startA?: number;
  readonly startB?: number;
  readonly startC?: number;
  /** Add to what C holds; default false. */
  readonly adds?: boolean;
}

/** Runs the product; wide tiles once there are enough of them to fill a large GPU. */
export function matmul(
  device: WebgpuDevice,
  a: TensorHandle,
  b: TensorHandle,
  c: TensorHandle,
  sizes: ProductSizes,
): void {
  const { M, N, K, transposeA, transposeB, batch = 1, stepA = 0, stepB = 0 } = sizes;
  const { startA = 0, startB = 0, startC = 0, adds = false } = sizes;
  const tile = Math.ceil(M / 128) * Math.ceil(N / 128) * batch >= 256 ? 128 : 64;
  const groups = [Math.ceil(N / tile), Math.ceil(M / tile), batch] as const;
  const numbers = [M, N, K, stepA, stepB, startA, startB, startC, adds ? 1 : 0];
  runShader(device, matmulShader(tile, transposeA, transposeB), [a, b, c], numbers, groups);
}
