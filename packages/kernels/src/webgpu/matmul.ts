import type { TensorHandle, WebgpuDevice } from '@svo/tensor';
import { runShader, type Shader } from './shader.ts';

/** Depth of the tiles kept in workgroup memory. */
export const depth = 16;

/** Side of the square of C that a workgroup owns. */
export type Tile = 64 | 128;

/** How a workgroup of 256 reads op(B), its right side. */
export interface RightSide {
  /** Tells pipelines apart. */
  readonly name: string;
  /** What lies in the buffer `b`. */
  readonly element: 'f32' | 'u32';
  /** Uniforms that it needs besides the product's own. */
  readonly integers: readonly string[];
  readonly declarations: string;
  /** Statements that fill `tileB[k · tile + j]` with op(B)[k0 + k, j0 + j], and with zeros outside. */
  readonly load: (tile: Tile) => string;
}

/** Statements that fill a tile from float32 numbers. */
const load = (
  tile: Tile,
  into: string,
  from: string,
  alongDepth: boolean,
  limit: string,
  first: string,
  index: string,
): string => `
    for (var n = 0; n < ${(tile * depth) / 256}; n++) {
      let at = lane + n * 256;
      let k = ${alongDepth ? `at % ${depth}` : `at / ${tile}`};
      let i = ${alongDepth ? `at / ${depth}` : `at % ${tile}`};
      let inside = ${first} + i < ${limit} && k0 + k < u.K;
      ${into}[k * ${tile} + i] = select(0.0, ${from}[${index}], inside);
    }`;

/** A matrix of float32 numbers, `[K, N]`, or `[N, K]` where it is transposed. */
const plainRight = (transposed: boolean): RightSide => ({
  name: transposed ? 'T' : 'N',
  element: 'f32',
  integers: ['stepB', 'startB'],
  declarations: '',
  load: (tile) => {
    const at = transposed ? '(j0 + i) * u.K + k0 + k' : '(k0 + k) * u.N + j0 + i';
    return load(tile, 'tileB', 'b', transposed, 'u.N', 'j0', `u.startB + i32(group.z) * u.stepB + ${at}`);
  },
});

/**
 * C = op(A) op(B) per batch entry. A workgroup of 256 owns a square of C, each invocation `per` × `per` of its elements,
 * 16 apart, so that neighbours read and write neighbouring addresses.
 */
function productShader(tile: Tile, transposeA: boolean, right: RightSide): Shader {
  const per = tile / 16;
  const atA = `u.startA + i32(group.z) * u.stepA + ${transposeA ? '(k0 + k) * u.strideA + i0 + i' : '(i0 + i) * u.strideA + k0 + k'}`;
  return {
    name: `matmul-${tile}-${transposeA ? 'T' : 'N'}${right.name}`,
    buffers: { a: 'f32', b: right.element, c: 'write f32' },
    integers: ['M', 'N', 'K', 'stepA', 'startA', 'strideA', 'startC', 'strideC', 'adds', ...right.integers],
    size: 256,
    declarations: `var<workgroup> tileA: array<f32, ${tile * depth}>;\nvar<workgroup> tileB: array<f32, ${tile * depth}>;\n${right.declarations}`,
    body: `
  let i0 = i32(group.y) * ${tile};
  let j0 = i32(group.x) * ${tile};
  let ty = lane / 16;
  let tx = lane % 16;
  var sums: array<array<f32, ${per}>, ${per}>;
  for (var k0 = 0; k0 < u.K; k0 += ${depth}) {${load(tile, 'tileA', 'a', !transposeA, 'u.M', 'i0', atA)}${right.load(tile)}
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
  let toC = u.startC + i32(group.z) * u.M * u.strideC;
  for (var r = 0; r < ${per}; r++) {
    let i = i0 + ty + r * 16;
    for (var s = 0; s < ${per}; s++) {
      let j = j0 + tx + s * 16;
      if (i < u.M && j < u.N) {
        let at = toC + i * u.strideC + j;
        if (u.adds != 0) { c[at] = c[at] + sums[r][s]; } else { c[at] = sums[r][s]; }
      }
    }
  }`,
  };
}

/** Sizes of a product of op(A) `[M, K]` and op(B) `[K, N]`, and where A and C lie in their buffers, in floats. */
export interface LeftSizes {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly transposeA: boolean;
  /** Products in all; default 1. */
  readonly batch?: number;
  /** Distance of neighbouring batch entries; default 0, which repeats one. */
  readonly stepA?: number;
  /** Where a matrix begins; default 0. */
  readonly startA?: number;
  readonly startC?: number;
  /** Distance of neighbouring rows; by default the length of one. */
  readonly strideA?: number;
  readonly strideC?: number;
  /** Add to what C holds; default false. */
  readonly adds?: boolean;
}

/** The same of a product whose both sides are float32 numbers. */
export interface ProductSizes extends LeftSizes {
  readonly transposeB: boolean;
  readonly stepB?: number;
  readonly startB?: number;
}

/** Runs the product; wide tiles once there are enough of them to fill a large GPU. `numbers` are those that the right side asks for. */
export function multiply(
  device: WebgpuDevice,
  right: RightSide,
  [a, b, c]: readonly [TensorHandle, TensorHandle, TensorHandle],
  sizes: LeftSizes,
  numbers: readonly number[],
): void {
  const { M, N, K, transposeA, batch = 1, stepA = 0, startA = 0, startC = 0, adds = false } = sizes;
  const { strideA = transposeA ? M : K, strideC = N } = sizes;
  const tile = Math.ceil(M / 128) * Math.ceil(N / 128) * batch >= 256 ? 128 : 64;
  const groups = [Math.ceil(N / tile), Math.ceil(M / tile), batch] as const;
  const own = [M, N, K, stepA, startA, strideA, startC, strideC, adds ? 1 : 0];
  runShader(device, productShader(tile, transposeA, right), [a, b, c], [...own, ...numbers], groups);
}

/** op(A) op(B) of two matrices of float32 numbers. */
export function matmul(
  device: WebgpuDevice,
  a: TensorHandle,
  b: TensorHandle,
  c: TensorHandle,
  sizes: ProductSizes,
): void {
  const { transposeB, stepB = 0, startB = 0 } = sizes;
  multiply(device, plainRight(transposeB), [a, b, c], sizes, [stepB, startB]);
}
