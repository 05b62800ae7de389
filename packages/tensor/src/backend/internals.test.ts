import { beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../tf.ts';
import { detach, replaceData, unshare, wasmHeap } from './internals.ts';
import { useBackend } from './use-backend.ts';

describe.each(['cpu', 'wasm'] as const)('%s', (name) => {
  beforeAll(async () => {
    await useBackend(name, { threads: 2 });
  });

  it('detach stops the gradient and counts its reference', () => {
    const before = tf.memory();
    tf.tidy(() => {
      const gradient = tf.grad((x) => tf.sum(tf.mul(detach(tf.square(x)), x)))(tf.tensor1d([2, 3]));
      expect(Array.from(gradient.dataSync())).toEqual([4, 9]);
    });
    const x = tf.tensor1d([1, 2]);
    const y = detach(x);
    x.dispose();
    expect(Array.from(y.dataSync())).toEqual([1, 2]);
    y.dispose();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numBytes).toBe(before.numBytes);
  });

  it('replaceData changes one tensor, keeps its views, and survives a tidy', () => {
    const before = tf.memory().numTensors;
    const x = tf.tensor1d([1, 2]);
    const view = tf.reshape(x, [2, 1]);
    tf.tidy(() => replaceData(x, tf.tensor1d([3, 4])));
    expect(Array.from(x.dataSync())).toEqual([3, 4]);
    expect(Array.from(view.dataSync())).toEqual([1, 2]);
    const wrong = tf.zeros([3]);
    expect(() => replaceData(x, wrong)).toThrow('replaceData: source must match target float32 [2], got float32 [3]');
    tf.dispose([x, view, wrong]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('unshare copies exactly when something shares the data', () => {
    const x = tf.tensor1d([1, 2]);
    const id = x.dataId;
    unshare(x);
    expect(x.dataId).toBe(id);
    const view = tf.reshape(x, [2, 1]);
    unshare(x);
    expect(x.dataId).not.toBe(view.dataId);
    expect(Array.from(x.dataSync())).toEqual([1, 2]);
    tf.dispose([x, view]);
  });
});

describe('wasmHeap', () => {
  it('needs the wasm backend', async () => {
    await useBackend('cpu');
    expect(() => wasmHeap()).toThrow("wasmHeap: the wasm backend must be active, got 'cpu'");
  });

  it('shows a tensor where its pointer says', async () => {
    await useBackend('wasm', { threads: 2 });
    const heap = wasmHeap();
    const x = tf.tensor1d([5, 6, 7]);
    expect(heap.shared).toBe(true);
    expect(heap.threads).toBe(2);
    expect(Array.from(new Float32Array(heap.memory.buffer, heap.pointer(x as never), 3))).toEqual([5, 6, 7]);
    x.dispose();
  });
});
