/** Each operation alone on the active backend: milliseconds, and the shares of what the card can do at most. */
import { holdStored, linear, linearTokenLogps, rmsNorm, rotaryAttention, swiglu, targetLogps } from '@svo/kernels';
import { type Tensor, tf } from '@svo/tensor';
import { packed, packedDtypes } from './packed.ts';

export interface OperationSizes {
  readonly width: number;
  readonly heads: number;
  readonly length: number;
  readonly batch: number;
  readonly vocabulary: number;
  /** Side of the square product. */
  readonly square: number;
}

/** What the card does at most, as torch measured it there. */
export interface CardLimits {
  readonly flops: number;
  readonly bytes: number;
}

export interface OperationRow {
  readonly operation: string;
  readonly milliseconds: { readonly best: number; readonly median: number };
  readonly gflops: number;
  readonly gigabytes: number;
  readonly shareOfLimit?: { readonly arithmetic: number; readonly memory: number };
}

/** Times every operation: `calls` of them and one read-back a run, so that the queue stays full; the best and the median of five runs. */
export async function timeOperations(
  { width, heads, length, batch, vocabulary, square }: OperationSizes,
  calls: number,
  limits?: CardLimits,
): Promise<OperationRow[]> {
  const float = 4;
  const N = batch * length;
  const headDim = width / heads;
  const random = (...shape: number[]): Tensor => tf.randomNormal(shape, 0, 1, 'float32', 1);
  const [x, w, head, norm] = [random(N, width), random(3 * width, width), random(vocabulary, width), random(width)];
  const [gate, up, logits] = [random(N, 3 * width), random(N, 3 * width), random(N, vocabulary)];
  const few = random(64, width);
  const [left, right] = [random(square, square), random(square, square)];
  const targets = tf.randomUniformInt([N], 0, vocabulary, 2);
  const tables = { cos: random(length, headDim / 2), sin: random(length, headDim / 2) };
  const shape = { batch, length, heads, keyValueHeads: heads, headDim };
  const attention = (query: Tensor, key: Tensor, value: Tensor): Tensor =>
    rotaryAttention({ query, key, value, ...tables }, shape);
  const pairs = (batch * heads * length * (length + 1)) / 2;

  /** Name, floating-point operations the result needs, bytes to read and write at least once. */
  const cases: [string, number, number, () => Tensor | Tensor[]][] = [
    ['square product', 2 * square ** 3, float * 3 * square ** 2, () => linear(left, right)],
    ['linear to 3 width', 6 * N * width ** 2, float * (4 * N * width + 3 * width ** 2), () => linear(x, w)],
    [
      'linear to vocabulary',
      2 * N * width * vocabulary,
      float * (N * (width + vocabulary) + vocabulary * width),
      () => linear(x, head),
    ],
    ['attention', 4 * pairs * headDim, float * 4 * N * width, () => attention(x, x, x)],
    ['attention, both', 14 * pairs * headDim, float * 12 * N * width, () => tf.grads(attention)([x, x, x])],
    ['rmsNorm, both', 14 * N * width, float * 5 * N * width, () => tf.grads((a, b) => rmsNorm(a!, b!))([x, norm])],
    ['swiglu, both', 138 * N * width, float * 24 * N * width, () => tf.grads((a, b) => swiglu(a!, b!))([gate, up])],
    [
      'tokenLogps, both',
      36 * N * vocabulary,
      float * 3 * N * vocabulary,
      () => tf.grads((l) => targetLogps(l!, targets))([logits]),
    ],
    [
      'linearTokenLogps, both',
      8 * N * width * vocabulary,
      float * 3 * (N * width + vocabulary * width),
      () => tf.grads((a, b) => linearTokenLogps(a!, b!, targets))([x, head]),
    ],
  ];

  /** The same products with a frozen W, which is read in its own width; x is read and y written as float32. */
  for (const dtype of packedDtypes) {
    const [frozen, frozenHead] = [w, head].map(async (weight) =>
      packed((await weight.data()) as Float32Array, weight.shape as [number, number], dtype),
    );
    const [matrix, headMatrix] = [await frozen!, await frozenHead!];
    await holdStored([matrix, headMatrix]);
    cases.push(
      [
        `linear to 3 width, ${dtype}`,
        6 * N * width ** 2,
        float * 4 * N * width + matrix.bytes.length,
        () => linear(x, matrix),
      ],
      [
        `linear to 3 width, ${dtype}, both`,
        12 * N * width ** 2,
        float * 8 * N * width + 2 * matrix.bytes.length,
        () => tf.grads((a) => linear(a!, matrix))([x]),
      ],
      [
        `64 rows to 3 width, ${dtype}`,
        6 * 64 * width ** 2,
        float * 4 * 64 * width + matrix.bytes.length,
        () => linear(few, matrix),
      ],
      [
        `linearTokenLogps, ${dtype}, both`,
        6 * N * width * vocabulary,
        float * 3 * N * width + 3 * headMatrix.bytes.length,
        () => tf.grads((a) => linearTokenLogps(a!, headMatrix, targets))([x]),
      ],
    );
  }

  const rows: OperationRow[] = [];
  for (const [operation, flops, bytes, run] of cases) {
    const once = async (count: number): Promise<number> => {
      const start = performance.now();
      let last: Tensor | undefined;
      for (let i = 0; i < count; i++) {
        const made = [run()].flat();
        last?.dispose();
        last = made.pop();
        tf.dispose(made);
      }
      await tf.slice(tf.reshape(last!, [-1]), [0], [1]).data();
      last?.dispose();
      return (performance.now() - start) / count;
    };
    await once(2);
    const times: number[] = [];
    for (let i = 0; i < 5; i++) times.push(await once(calls));
    times.sort((a, b) => a - b);
    const [best, median] = [times[0]!, times[2]!];
    const seconds = best / 1e3;
    rows.push({
      operation,
      milliseconds: { best, median },
      gflops: flops / seconds / 1e9,
      gigabytes: bytes / seconds / 1e9,
      ...(limits && {
        shareOfLimit: { arithmetic: flops / seconds / limits.flops, memory: bytes / seconds / limits.bytes },
      }),
    });
  }
  return rows;
}
