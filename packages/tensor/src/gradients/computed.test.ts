import { expect, test } from 'vitest';
import { onBackend } from '../test-support/on-backend.ts';
import { type Tensor, tf } from '../tf.ts';
import { computedScalar, computedTensor, readNumbers } from './computed.ts';

const weighted = (x: Tensor, w: Tensor) =>
  computedScalar([x], () => {
    const [numbers, factors] = [readNumbers(x), readNumbers(w)].map((view) => Float64Array.from(view));
    return {
      value: numbers!.reduce((sum, a, i) => sum + factors![i]! * a * a, 0),
      gradients: [numbers!.map((a, i) => 2 * factors![i]! * a)],
    };
  });
const onHost = (): boolean => ['cpu', 'wasm', 'tensorflow'].includes(tf.getBackend());

onBackend('computedScalar, computedTensor', () => {
  test('value, and the gradient that was computed, times what comes from above', () => {
    if (!onHost()) return;
    const [x, w] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 5])];
    expect(weighted(x, w).dataSync()[0]).toBe(23);
    const gradient = tf.grad((input) => tf.mul(weighted(input, w), 10))(x);
    expect(gradient.arraySync()).toEqual([60, 200]);
  });

  test('an input that is not named receives nothing, even where it came from what is', () => {
    if (!onHost()) return;
    const x = tf.tensor1d([1, 2]);
    const gradient = tf.grad((input) => tf.add(weighted(input, tf.mul(input, 1)), tf.sum(tf.mul(input, 0))))(x);
    expect(gradient.arraySync()).toEqual([2, 8]);
  });

  test('the gradient is right though the input was overwritten in between', () => {
    if (!onHost()) return;
    const w = tf.tensor1d([3, 5]);
    const gradient = tf.grad((input) => {
      const moved = tf.add(input, 1);
      const loss = weighted(moved, w);
      if (tf.getBackend() === 'cpu') (moved.dataSync() as Float32Array).fill(0);
      return loss;
    })(tf.tensor1d([1, 2]));
    expect(gradient.arraySync()).toEqual([12, 30]);
  });

  test('no tensor leaks, forwards or backwards', () => {
    if (!onHost()) return;
    const [x, w] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 5])];
    const backward = tf.grad((input) => weighted(input, w));
    backward(x).dispose();
    const before = tf.memory().numTensors;
    for (let i = 0; i < 100; i++) {
      weighted(x, w).dispose();
      backward(x).dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  test('an empty batch is 0 with empty gradients', () => {
    if (!onHost()) return;
    const [x, w] = [tf.zeros([0]), tf.zeros([0])];
    expect(weighted(x, w).dataSync()[0]).toBe(0);
    expect(tf.grad((input) => weighted(input, w))(x).shape).toEqual([0]);
  });

  test('a computed tensor is a copy: scalars, vectors and matrices', async () => {
    const numbers = new Float64Array([1, 2, 3, 4]);
    const matrix = computedTensor([2, 2], () => numbers);
    numbers.fill(0);
    expect(await matrix.array()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(await computedTensor([], () => [5]).array()).toBe(5);
    expect(computedTensor([0, 3], () => []).shape).toEqual([0, 3]);
  });

  test('errors: a tensor that is gone', () => {
    const gone = tf.tensor1d([1]);
    gone.dispose();
    expect(() => readNumbers(gone)).toThrow('readNumbers: the tensor has been disposed');
  });
});
