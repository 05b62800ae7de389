import { beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../backend/use-backend.ts';
import { type Tensor, tf } from '../tf.ts';
import { customGradient } from './custom-gradient.ts';
import { recompute } from './recompute.ts';
import { valueAndGrads } from './value-and-grads.ts';

beforeAll(async () => {
  await useBackend('cpu');
});

const layer = ([x, w]: readonly Tensor[]): Tensor => tf.tidy(() => tf.add(x!, tf.tanh(tf.matMul(x!, w!))));
const x = () => tf.tensor2d([0.1, -0.7, 1.3, 0.4], [2, 2]);
const weights = () => ({ a: tf.tensor2d([0.3, 1.1, -0.2, 0.9], [2, 2]), b: tf.tensor2d([1, 0.5, 0.25, -1], [2, 2]) });

describe('recompute', () => {
  it('gives the bits of the same layers kept, in value and gradient, and leaks nothing', () => {
    const [input, params] = [x(), weights()];
    const before = tf.memory().numTensors;
    const through = (run: (h: Tensor, w: Tensor) => Tensor) =>
      valueAndGrads(({ a, b }) => tf.sum(tf.square(run(run(input, a), b))), params);
    const kept = through((h, w) => layer([h, w]));
    const again = through((h, w) => recompute(layer, [h, w]));
    expect(again.value.dataSync()).toEqual(kept.value.dataSync());
    for (const name of ['a', 'b'] as const)
      expect(again.gradients[name].dataSync()).toEqual(kept.gradients[name].dataSync());
    tf.dispose([kept.value, again.value, kept.gradients, again.gradients]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keeps fewer bytes between the passes', () => {
    const params = weights();
    const input = tf.ones([200, 2]);
    const most = (run: (h: Tensor, w: Tensor) => Tensor): number => {
      let bytes = 0;
      valueAndGrads(({ a }) => {
        let h: Tensor = input;
        for (let i = 0; i < 6; i++) h = run(h, a);
        bytes = tf.memory().numBytes;
        return tf.sum(h);
      }, params);
      return bytes;
    };
    expect(most((h, w) => recompute(layer, [h, w]))).toBeLessThan(most((h, w) => layer([h, w])));
  });

  it('asks only for the gradients that somebody wants, through the layer too', () => {
    const asked: (readonly boolean[])[] = [];
    const product = (a: Tensor, w: Tensor): Tensor =>
      customGradient([a, w], ([left, right], save) => {
        save([left!, right!]);
        return {
          value: tf.matMul(left!, right!),
          gradFunc(dy, [l, r], wanted) {
            asked.push(wanted);
            return [
              wanted[0] ? tf.matMul(dy, r!, false, true) : undefined,
              wanted[1] ? tf.matMul(l!, dy, true) : undefined,
            ];
          },
        };
      });
    const { a, b } = weights();
    const { gradients } = valueAndGrads(
      ({ input }) =>
        tf.sum(
          recompute((given) => product(product(given.input, given.a), given.more[0]!), {
            input,
            a,
            more: [b],
            width: 2,
          }),
        ),
      { input: x() },
    );
    expect(asked).toEqual([
      [true, false],
      [true, false],
    ]);
    const whole = tf.grad((h) => tf.sum(tf.matMul(tf.matMul(h, a), b)))(x());
    expect(gradients.input.dataSync()).toEqual(whole.dataSync());
  });

  it("works under tfjs's own walk, which wants everything", () => {
    const { a } = weights();
    const [dx, dw] = tf.grads((h, w) => tf.sum(recompute(layer, [h!, w!])))([x(), a]);
    const [kx, kw] = tf.grads((h, w) => tf.sum(layer([h!, w!])))([x(), a]);
    expect(dx!.dataSync()).toEqual(kx!.dataSync());
    expect(dw!.dataSync()).toEqual(kw!.dataSync());
  });

  it('gives zeros for an input its function does not use', () => {
    const { gradients } = valueAndGrads(({ a, b }) => tf.sum(recompute(([w]) => tf.square(w!), [a, b])), weights());
    expect(Array.from(gradients.b.dataSync())).toEqual([0, 0, 0, 0]);
  });
});
