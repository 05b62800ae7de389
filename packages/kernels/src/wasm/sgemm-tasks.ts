/** Products by OpenBLAS in pieces, each on the thread that claims it; this file is loaded by the worker threads too. */

/** The part of koffi used here. */
export interface Koffi {
  load(path: string): { func(prototype: string): unknown };
}

/** Does one task of the job whose arguments lie at `pointer`. */
export type ForeignTask = (task: number, pointer: number) => void;

/** C ← α op(A) op(B) + β C, as in the BLAS standard. */
type Sgemm = (
  order: number,
  opA: number,
  opB: number,
  M: number,
  N: number,
  K: number,
  alpha: number,
  a: Uint8Array,
  strideA: number,
  b: Uint8Array,
  strideB: number,
  beta: number,
  c: Uint8Array,
  strideC: number,
) => void;

const rowMajor = 101;
const plain = 111;
const transposed = 112;

/** Words of the arguments: M, N, K, a, b, c, is A transposed, is B, does C add up, rows of C and columns of C a task. */
const sgemmWords = 11;

/**
 * cblas_sgemm on the wasm heap, one rectangle of C a task. The library keeps to one thread: its own would wait for each
 * other by spinning, on the processors that the kernels' threads need, and share a product in halves however busy one is.
 *
 * @param library the name OpenBLAS is loaded by
 * @throws Error when koffi or the library is absent
 */
export async function sgemmTasks(memory: { readonly buffer: ArrayBufferLike }, library: string): Promise<ForeignTask> {
  const koffi = (await import('koffi')).default as unknown as Koffi;
  const openblas = koffi.load(library);
  (openblas.func('void openblas_set_num_threads(int)') as (threads: number) => void)(1);
  const sgemm = openblas.func(
    'void cblas_sgemm(int, int, int, int, int, int, float, void*, int, void*, int, float, void*, int)',
  ) as Sgemm;
  return (task, pointer) => {
    const [M, N, K, a, b, c, turnA, turnB, accumulate, rows, columns] = new Uint32Array(
      memory.buffer,
      pointer,
      sgemmWords,
    ) as unknown as number[];
    const across = Math.ceil(N! / columns!);
    const i = Math.floor(task / across) * rows!;
    const j = (task % across) * columns!;
    const [strideA, strideB] = [turnA ? M! : K!, turnB ? K! : N!];
    // A view marks where an array begins; how far it goes the strides say.
    const at = (base: number, index: number): Uint8Array => new Uint8Array(memory.buffer, base + 4 * index, 4);
    sgemm(
      ...([rowMajor, turnA ? transposed : plain, turnB ? transposed : plain] as const),
      ...([Math.min(rows!, M! - i), Math.min(columns!, N! - j), K!, 1] as const),
      ...([at(a!, turnA ? i : i * K!), strideA, at(b!, turnB ? j * K! : j), strideB] as const),
      ...([accumulate!, at(c!, i * N! + j), N!] as const),
    );
  };
}
