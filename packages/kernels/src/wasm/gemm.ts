/** Matrix products on the engine. */
import type { KernelEngine } from './engine.ts';

/** C (+)= op(A) op(B): row-major matrices by heap address; op(A) is [M, K], op(B) [K, N]. */
export interface ProductArguments {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Add to C instead of replacing it. */
  readonly accumulate?: boolean;
  /** Address of B in panels, already packed by an earlier product of the same B. */
  readonly packed?: number;
}

/** A way to multiply matrices. */
export type Gemm = (product: ProductArguments) => void;

/** Who multiplies matrices on wasm. */
export type EngineName = 'wasm' | 'openblas' | 'onnxruntime';

/** A multiplier of matrices in the wasm heap. */
export interface MatrixEngine {
  readonly name: EngineName;
  readonly multiply: Gemm;
  /** Does it read `ProductArguments.packed`? Where not, packing B ahead is lost work. */
  readonly packs: boolean;
  /** Is x Wᵀ, `[M, K]` and `[N, K]`, one of those that our product for few rows computes while this engine is at work? */
  readonly oursTakes: (M: number, N: number, K: number) => boolean;
  /** Gives back what it holds outside the heap. */
  readonly stop: () => void;
}

/** Up to so many rows, packing them is cheaper than packing the weights they are multiplied with. */
export const fewRows = 64;
const depthBlock = 128;

/** Bytes of B's packed form. */
export const packedBytes = (engine: KernelEngine, N: number, K: number): number =>
  Math.ceil(N / engine.width) * engine.width * K * 4;

/** Our own product. */
export function createGemm(engine: KernelEngine): Gemm {
  return (product) => {
    const { M, N, K, c, transposeA = false, transposeB = false, accumulate = false } = product;
    if (M === 0 || N === 0) return;
    if (K === 0) {
      if (!accumulate) new Float32Array(engine.heap.memory.buffer, c, M * N).fill(0);
      return;
    }
    if (M <= fewRows && !transposeA && transposeB && !accumulate) return multiplyRows(engine, product);
    const panels = product.packed ?? engine.workspace('panels', packedBytes(engine, N, K));
    multiply(engine, product, panels, product.packed === undefined);
  };
}

/** C = A Bᵀ for few rows of A. Weights go to tasks of about 64 KiB, at least eight of them where N allows. */
export function multiplyRows(
  engine: KernelEngine,
  { M, N, K, a, b, c }: Pick<ProductArguments, 'M' | 'N' | 'K' | 'a' | 'b' | 'c'>,
  { strideC = N, kind = 0, rowBytes = 0 }: RowsOfB = {},
): void {
  const width = M <= 8 ? 8 : engine.width;
  const packTasks = M === 1 ? 0 : Math.ceil(M / width);
  const tile = M === 1 ? 16 : 6;
  const step = roundUp(Math.min((1 << 14) / K, N / 8), tile);
  const panels = M === 1 ? 0 : engine.workspace('panels', packTasks * width * K * 4);
  const values = [M, N, K, a, b, c, step, panels, packTasks, width, strideC, kind, rowBytes];
  const unpacked = kind === 0 ? 0 : (tile * K + 32) * 4;
  const tiles = M === 1 ? tile : (step + tile) * packTasks * width;
  engine.run('rows', packTasks + Math.ceil(N / step), values, 512 + tiles * 4 + unpacked);
}

/** How the rows of B lie: stored in fewer bits (see `stored-kernels.ts`), or part of a wider product. */
interface RowsOfB {
  /** Numbers from one row of C to the next; N by default. */
  readonly strideC?: number;
  readonly kind?: number;
  readonly rowBytes?: number;
}

/** Packs B alone, for several products to use. */
export function packB(engine: KernelEngine, b: number, N: number, K: number, transposeB: boolean, to: number): void {
  multiply(engine, { M: 0, N, K, a: 0, b, c: 0, transposeB }, to, true);
}

function multiply(engine: KernelEngine, product: ProductArguments, panels: number, pack: boolean): void {
  const { M, N, K, a, b, c, transposeA = false, transposeB = false, accumulate = false } = product;
  const { width } = engine;
  const columns = Math.ceil(N / width);
  // Packing tasks of about 64 KiB; rectangles of C whose rows of A fit the second-level cache, at least eight of them
  // where the sizes allow, so that threads end together. Neither choice touches the order of any sum.
  const packStep = Math.max(1, Math.min(columns, Math.floor((1 << 14) / (K * width))));
  const packTasks = pack ? Math.ceil(columns / packStep) : 0;
  let tileM = Math.min(192, roundUp(M, 6));
  let tileN = roundUp(Math.min(N, 1024), width);
  const count = (): number => Math.ceil(M / tileM) * Math.ceil(N / tileN);
  // A transposed A is gathered once for each rectangle in a row of them: those stay wide.
  const least = transposeA ? 24 : 48;
  while (M > 0 && count() < 8 && (tileM > least || tileN > 4 * width)) {
    if (tileM > least && (transposeA || tileM * depthBlock >= tileN * 64)) tileM = roundUp(Math.ceil(tileM / 2), 6);
    else if (tileN > 4 * width) tileN = roundUp(Math.ceil(tileN / 2), width);
    else tileM = roundUp(Math.ceil(tileM / 2), 6);
  }
  engine.run(
    'product',
    packTasks + (M > 0 ? count() : 0),
    [
      ...[Number(transposeA), Number(transposeB), M, N, K],
      ...[a, transposeA ? M : K, b, transposeB ? K : N, c, N, Number(accumulate)],
      ...[panels, packTasks, tileM, tileN, width, packStep],
    ],
    transposeA ? 1024 + tileM * depthBlock * 4 : 0,
  );
}

const roundUp = (value: number, step: number): number => Math.max(step, Math.ceil(value / step) * step);

/** Many small products of one shape, one task each. A step of 0 floats repeats the same matrix. */
export function multiplyBatch(
  engine: KernelEngine,
  batch: number,
  { M, N, K, a, b, c, transposeA = false, transposeB = false }: ProductArguments,
  stepA: number,
  stepB: number,
): void {
  const scratch = 512 + depthBlock * engine.width * 4;
  engine.run(
    'batch',
    batch,
    [Number(transposeA), Number(transposeB), M, N, K, a, stepA, b, stepB, c, engine.width],
    scratch,
  );
}
