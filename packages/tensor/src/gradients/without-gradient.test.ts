import { describe, expect, it } from 'vitest';
import { tf } from '../tf.ts';
import { reverseMode } from './reverse-mode.ts';
import { withoutGradient } from './without-gradient.ts';

describe('withoutGradient', () => {
  it('lets no gradient through, and records again afterwards', () => {
    const slope = tf.grad((x: tf.Tensor) =>
      tf.add(
        tf.mul(
          x,
          withoutGradient(() => tf.square(x)),
        ),
        tf.square(x),
      ),
    );
    expect(slope(tf.scalar(3)).dataSync()[0]).toBe(9 + 6);
  });

  it('keeps nothing for a backward pass', () => {
    const x = tf.ones([8]);
    const kept = (f: () => tf.Tensor): number => {
      let count = 0;
      reverseMode(() => {
        const before = tf.memory().numTensors;
        const y = tf.tidy(f);
        count = tf.memory().numTensors - before;
        return tf.sum(tf.mul(x, y));
      }, [x]);
      return count;
    };
    const deep = () => tf.tanh(tf.tanh(tf.tanh(x)));
    expect(kept(() => withoutGradient(deep))).toBe(1);
    expect(kept(deep)).toBeGreaterThan(3);
  });

  it('records again also when the function throws', () => {
    const failing = () =>
      withoutGradient(() => {
        throw new TypeError('no weights');
      });
    const slope = tf.grad((x: tf.Tensor) => {
      expect(failing).toThrow('no weights');
      return tf.square(x);
    });
    expect(slope(tf.scalar(3)).dataSync()[0]).toBe(6);
  });
});
