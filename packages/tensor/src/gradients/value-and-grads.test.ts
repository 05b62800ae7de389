import { expect, test } from 'vitest';
import { onBackend } from '../test-support/on-backend.ts';
import { type Scalar, type Tensor, tf } from '../tf.ts';
import { valueAndGrads } from './value-and-grads.ts';

onBackend('valueAndGrads', () => {
  test('value, and gradients by name', () => {
    const { value, gradients, aux } = valueAndGrads(({ w, b }) => tf.add(tf.sum(tf.square(w)), tf.sum(b)) as Scalar, {
      w: tf.tensor1d([1, -2]),
      b: tf.tensor2d([[7]]),
    });
    expect(value.dataSync()[0]).toBe(12);
    expect(gradients.w.arraySync()).toEqual([2, -4]);
    expect(gradients.b.arraySync()).toEqual([[1]]);
    expect(aux).toEqual({});
  });

  test('metrics come back beside the loss, and carry no gradient', () => {
    const { value, aux, gradients } = valueAndGrads(({ w }) => ({ loss: tf.sum(w) as Scalar, largest: tf.max(w) }), {
      w: tf.tensor1d([1, 5]),
    });
    expect([value.dataSync()[0], aux.largest!.dataSync()[0]]).toEqual([6, 5]);
    expect(gradients.w.arraySync()).toEqual([1, 1]);
  });

  test('a parameter the loss does not reach gets zeros', () => {
    const { gradients } = valueAndGrads(({ w }) => tf.sum(w) as Scalar, {
      w: tf.tensor1d([1]),
      frozen: tf.tensor2d([[1, 2]]),
    });
    expect(gradients.frozen.arraySync()).toEqual([[0, 0]]);
  });

  test('only what is returned stays', () => {
    const w = tf.tensor1d([1, 2]);
    const before = tf.memory().numTensors;
    for (let i = 0; i < 50; i++) {
      const { value, gradients, aux } = valueAndGrads(
        (p) => ({ loss: tf.sum(tf.exp(tf.square(p.w))) as Scalar, norm: tf.norm(p.w) }),
        { w },
      );
      expect(tf.memory().numTensors).toBe(before + 3);
      for (const tensor of [value, gradients.w, aux.norm]) tensor!.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a loss of one element is taken as a scalar, of more is refused', () => {
    expect(valueAndGrads(({ w }) => w as Tensor as Scalar, { w: tf.tensor1d([3]) }).value.shape).toEqual([]);
    expect(() => valueAndGrads(({ w }) => w as Tensor as Scalar, { w: tf.tensor1d([3, 4]) })).toThrow(
      'valueAndGrads: the loss must be a scalar, got shape [2]',
    );
  });
});
