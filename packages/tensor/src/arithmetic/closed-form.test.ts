import { expect, test } from 'vitest';
import { onBackend } from '../testing/on-backend.ts';
import { tf } from '../tf.ts';
import { closedForm } from './closed-form.ts';
import { evaluate } from './evaluate.ts';

const weighted = (x: ReturnType<typeof tf.tensor>, w: ReturnType<typeof tf.tensor>) =>
  closedForm({ x, w }, ['x'], (math, input) => ({
    value: math.sum(math.mul(input.w, math.square(input.x))),
    gradients: () => ({ x: math.mul(2, math.mul(input.w, input.x)) }),
  }));

onBackend('closedForm, evaluate', () => {
  test('value, and the gradient that was written, times what comes from above', () => {
    const [x, w] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 5])];
    expect(weighted(x, w).dataSync()[0]).toBe(23);
    expect(
      tf
        .grad((input) => tf.mul(weighted(input, w), 10))(x)
        .arraySync(),
    ).toEqual([60, 200]);
  });

  test('an input that is not trained receives nothing, even where it came from what is', () => {
    const x = tf.tensor1d([1, 2]);
    expect(
      tf
        .grad((input) => tf.add(weighted(input, tf.mul(input, 1)), tf.sum(tf.mul(input, 0))))(x)
        .arraySync(),
    ).toEqual([2, 8]);
  });

  test('the gradient is right though the input was overwritten or disposed of in between', () => {
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
    const [x, w] = [tf.zeros([0]), tf.zeros([0])];
    expect(Math.abs(weighted(x, w).dataSync()[0])).toBe(0);
    expect(tf.grad((input) => weighted(input, w))(x).shape).toEqual([0]);
  });

  test('evaluate gives data: scalars, vectors and matrices, without gradient', () => {
    const x = tf.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    expect(evaluate({ x }, [], (math, input) => math.sum(input.x)).arraySync()).toBe(10);
    expect(evaluate({ x }, [2, 2], (math, input) => math.nextValid(input.x, input.x)).arraySync()).toEqual([
      [2, 0],
      [4, 0],
    ]);
    const gradient = tf.grad((input) =>
      tf.sum(
        tf.mul(
          input,
          evaluate({ input }, [2, 2], (_, { input: own }) => own),
        ),
      ),
    )(x);
    expect(gradient.arraySync()).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
});
