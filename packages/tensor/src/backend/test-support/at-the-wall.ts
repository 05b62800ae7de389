/** What holds of a wasm heap when it is full, and above 2 GiB; one suite for the threaded build and the other. */
import { beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../../tf.ts';
import { wasmHeap } from '../internals.ts';
import { OutOfMemoryError } from '../out-of-memory.ts';
import { useBackend } from '../use-backend.ts';
import { fillHeap } from './full-heap.ts';

const MiB = 2 ** 20;

/** The error that `f` ends in. */
function refusal(f: () => unknown): OutOfMemoryError {
  try {
    f();
  } catch (error) {
    if (error instanceof OutOfMemoryError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** A step of gradient descent by tfjs's own operations: its bits. */
const step = (x: tf.Tensor): number[] =>
  tf.tidy(() => {
    const loss = (y: tf.Tensor): tf.Scalar =>
      tf.mean(tf.logSoftmax(tf.add(tf.matMul(tf.square(y), tf.ones([3, 4])), tf.range(0, 4)))) as tf.Scalar;
    return Array.from(tf.sub(x, tf.grad(loss)(x)).dataSync());
  });

/** What operations of every kind give for small tensors made here and now, wherever they lie. */
const results = (): number[][] =>
  tf.tidy(() => {
    const x = tf.tensor2d([1, -2, 3, 4, 5, -6], [2, 3]);
    const ids = tf.tensor1d([1, 0, 1], 'int32');
    const [top, where] = [tf.topk(x, 2), tf.where(tf.greater(x, 0), x, tf.zerosLike(x))];
    const boxes = tf.tensor2d([0, 0, 1, 1, 0, 0, 1, 1, 0, 2, 1, 3], [3, 4]);
    const kept = tf
      .engine()
      .runKernel(
        'NonMaxSuppressionV3',
        { boxes, scores: tf.tensor1d([0.5, 0.9, 0.7]) },
        { maxOutputSize: 3, iouThreshold: 0.5, scoreThreshold: 0 },
      ) as tf.Tensor;
    const made = [
      ...[tf.matMul(x, x, false, true), tf.transpose(x), tf.add(x, 1), tf.mul(x, x), tf.gather(x, ids), where],
      ...[
        tf.sum(x, 0),
        tf.max(x, 1),
        tf.softmax(x),
        tf.concat([x, x]),
        tf.slice(x, [0, 1], [2, 2]),
        tf.tile(x, [1, 2]),
      ],
      ...[top.values, top.indices, tf.cumsum(x, 1), tf.cast(x, 'int32'), tf.oneHot(ids, 2), tf.reverse(x, 1), kept],
      ...[
        tf.unsortedSegmentSum(tf.ones([3, 2]), ids, 2),
        tf.exp(x),
        tf.pad(x, [
          [1, 0],
          [0, 1],
        ]),
        tf.stack([x, x]),
        ...tf.unstack(x),
      ],
    ];
    return made.map((tensor) => Array.from(tensor.dataSync()));
  });

export function atTheWall(title: string, start: () => Promise<void>): void {
  describe(title, () => {
    beforeAll(start, 60_000);

    it('ten tensors of half a GiB: the one that does not fit is refused, and nothing before it changes', () => {
      const [small, before] = [tf.tensor2d([1, 2, 3], [1, 3]), tf.memory().numTensors];
      const due = step(small);
      const full = fillHeap(2 ** 26);
      const error = refusal(() => tf.fill([2 ** 27], 8));
      expect(error.message).toMatch(
        /^wasm: no room for 536,870,912 bytes, float32 of shape \[134217728\], in Fill: \d\.\d\d of at most 4\.16 GB are in use \(dispose/,
      );
      expect(error).toMatchObject({ name: 'OutOfMemoryError', requested: 2 ** 29, limit: 2 ** 32 - 2 ** 27 });
      expect(error.inUse).toBeGreaterThan(3.9e9);
      expect(Array.from(small.dataSync())).toEqual([1, 2, 3]);
      expect(tf.memory().numTensors).toBe(before);
      expect(step(small)).toEqual(due);
      full.release();
      const later = tf.fill([2 ** 20], 8);
      expect(later.dataSync().at(-1)).toBe(8);
      expect(step(small)).toEqual(due);
      tf.dispose([small, later]);
    });

    it('refuses a size that is none, which an operation of tfjs may ask for, at once', () => {
      expect(() => wasmHeap().allocate(Number.NaN)).toThrow(
        'wasm: NaN bytes are no size (a shape has an undefined side)',
      );
      expect(() => wasmHeap().allocate(-1)).toThrow(RangeError);
    });

    it('refuses what no address can reach, where the number of bytes would be cut to 32 bits', () => {
      expect(refusal(() => tf.fill([2 ** 30 + 1], 1)).requested).toBe(2 ** 32 + 4);
      expect(refusal(() => wasmHeap().allocate(2 ** 33)).requested).toBe(2 ** 33);
    });

    it('says when numbers from JavaScript do not fit, and leaves no tensor behind', () => {
      const full = fillHeap(2 ** 16);
      const before = [tf.memory().numTensors, tf.backend().numDataIds()];
      expect(refusal(() => tf.tensor(new Float32Array(2 ** 16))).message).toContain('float32 of shape [65536]:');
      expect([tf.memory().numTensors, tf.backend().numDataIds()]).toEqual(before);
      full.release();
    });

    it('an operation that finds no memory inside is refused, and what it had made is given back', () => {
      // tfjs packs the second factor of a product in memory of its own.
      const factor = tf.ones([1024, 1024]);
      const row = tf.ones([1, 1024]);
      const full = fillHeap(2 ** 16);
      const before = [tf.memory().numTensors, tf.backend().numDataIds()];
      const error = refusal(() => tf.matMul(row, factor));
      expect(error.message).toContain('wasm: no room for what an operation needs inside, in BatchMatMul: 4.');
      expect([tf.memory().numTensors, tf.backend().numDataIds()]).toEqual(before);
      full.release();
      expect(tf.matMul(row, factor).dataSync().at(0)).toBe(1024);
    });

    it('not even a byte left: C++ that cannot go on is refused too, and goes on later', () => {
      const x = tf.tensor1d([3, 1, 2]);
      const full = fillHeap(1);
      expect(refusal(() => tf.topk(x, 2)).name).toBe('OutOfMemoryError');
      expect(refusal(() => tf.tensor1d([1])).name).toBe('OutOfMemoryError');
      expect(Array.from(x.dataSync())).toEqual([3, 1, 2]);
      full.release();
      expect(Array.from(tf.topk(x, 2).values.dataSync())).toEqual([3, 2]);
    });

    it('a tensor that does not fit stays on the backend it came from', async () => {
      await useBackend('cpu');
      const x = tf.add(tf.zeros([2 ** 16]), 7);
      tf.setBackend('wasm');
      const full = fillHeap(2 ** 16);
      expect(refusal(() => tf.square(x)).tensor).toEqual({ shape: [2 ** 16], dtype: 'float32' });
      expect(x.dataSync()[0]).toBe(7);
      full.release();
      expect(tf.square(x).dataSync()[0]).toBe(49);
    });

    it('a gradient that runs out of memory leaves nothing behind', () => {
      const x = tf.ones([2 ** 20]);
      const before = tf.memory().numDataBuffers;
      const full = fillHeap(2 ** 20);
      const room = full.blocks.pop()!;
      wasmHeap().free(room);
      refusal(() => tf.tidy(() => tf.valueAndGrad((y) => tf.sum(tf.exp(tf.sin(tf.exp(tf.sin(y))))))(x)));
      full.release();
      expect(tf.memory().numDataBuffers - before).toBeLessThan(5);
    });

    it('above 2 GiB and above 3 GiB every operation gives the same numbers', () => {
      const due = results();
      for (const GiB of [2, 3]) {
        const below = [0, 1, 2].slice(0, GiB).map(() => wasmHeap().allocate(2 ** 30));
        // The holes further down are filled, so that what follows lies above.
        const holes: number[] = [];
        for (let bytes = 64 * MiB; bytes >= 16; bytes /= 2)
          for (let at = 0; at < GiB * 2 ** 30; ) {
            at = wasmHeap().allocate(bytes);
            holes.push(at);
          }
        const probe = tf.zeros([1000]);
        expect(wasmHeap().pointer(probe as never)).toBeGreaterThan(GiB * 2 ** 30);
        expect(results()).toEqual(due);
        for (const block of [...below, ...holes]) wasmHeap().free(block);
        probe.dispose();
      }
    });
  });
}
