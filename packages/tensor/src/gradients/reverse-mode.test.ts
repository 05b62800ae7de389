import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { type Tensor, tf } from '../tf.ts';
import { reverseMode } from './reverse-mode.ts';

/** Random programs: each instruction makes a tensor of earlier ones, so tensors are shared, unused and combined at will. */
const instructions = fc.array(fc.record({ kind: fc.nat(9), a: fc.nat(), b: fc.nat() }), {
  minLength: 1,
  maxLength: 25,
});
type Program = readonly { readonly kind: number; readonly a: number; readonly b: number }[];
const bounded = (x: Tensor): Tensor => tf.tanh(x);
const run = (program: Program, inputs: readonly Tensor[]): Tensor => {
  const made = [...inputs];
  for (const { kind, a, b } of program) {
    const [x, y] = [made[a % made.length]!, made[b % made.length]!];
    const results = [
      () => tf.add(x, y),
      () => tf.mul(x, y),
      () => tf.sub(x, y),
      () => bounded(x),
      () => tf.reshape(tf.reshape(x, [4]), [2, 2]),
      () => bounded(tf.matMul(x as tf.Tensor2D, y as tf.Tensor2D, false, true)),
      () => tf.concat([tf.slice(x, [0, 0], [1, 2]), tf.slice(y, [1, 0], [1, 2])]),
      () => tf.add(tf.split(x, 2, 1)[0]!, y),
      () => tf.softmax(x),
      () => tf.gather(x, tf.tensor1d([1, 1], 'int32')),
    ];
    made.push(bounded(results[kind]!()));
  }
  return tf.sum(made.at(-1)!);
};
const inputs = () => [
  tf.tensor2d([
    [0.5, -1],
    [2, 0.25],
  ]),
  tf.tensor2d([
    [1, 3],
    [-0.5, 0.75],
  ]),
  tf.tensor2d([
    [0, 1],
    [1, 0],
  ]),
];

describe('reverseMode', () => {
  it.prop([instructions])("gives tfjs's value and gradients to the last bit, and leaks nothing", (program) => {
    const xs = inputs();
    const before = tf.memory().numTensors;
    const ours = reverseMode(() => run(program, xs), xs);
    const theirs = tf.tidy(() => tf.engine().gradients(() => run(program, xs), xs, undefined, true));
    expect(ours.value.dataSync()).toEqual(theirs.value.dataSync());
    for (const [i, gradient] of ours.gradients.entries())
      expect(gradient?.dataSync()).toEqual(theirs.grads[i]?.dataSync());
    tf.dispose([
      ours.value,
      theirs.value,
      ...(ours.gradients.filter(Boolean) as Tensor[]),
      ...theirs.grads.filter(Boolean),
    ]);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(xs);
  });

  it('holds at its peak a fraction of what tfjs holds', () => {
    const x = tf.ones([64, 64]);
    const deep = () => {
      let y: Tensor = x;
      // Tidied as models do it, so that only what the tape keeps lives on.
      for (let i = 0; i < 40; i++) y = tf.tidy(() => tf.tanh(tf.mul(tf.tanh(y), x)));
      return tf.sum(y);
    };
    const peakOf = (gradients: () => { value: Tensor }): number => {
      // Freed memory only shows in the count while the walk runs, so look at every operation of the backward pass.
      const engine = tf.engine() as unknown as { runKernelFunc(this: unknown, parameters: object): unknown };
      const original = engine.runKernelFunc;
      let peak = 0;
      engine.runKernelFunc = function (parameters) {
        peak = Math.max(peak, tf.memory().numBytes);
        return original.call(this, parameters);
      };
      try {
        tf.tidy(() => gradients().value);
      } finally {
        engine.runKernelFunc = original;
      }
      return peak;
    };
    const ours = peakOf(() => reverseMode(deep, [x]));
    const theirs = peakOf(() => tf.engine().gradients(deep, [x]));
    expect(ours).toBeLessThan(0.7 * theirs);
  });

  it('frees what an operation saved when the function throws', () => {
    const x = tf.scalar(2);
    const before = tf.memory().numTensors;
    const failing = () => {
      tf.mul(x, x);
      throw new TypeError('half way');
    };
    expect(() => reverseMode(failing, [x])).toThrow(new TypeError('half way'));
    expect(tf.memory().numTensors).toBe(before);
    expect(reverseMode(() => tf.square(x), [x]).gradients[0]!.dataSync()[0]).toBe(4);
  });

  it('works inside another gradient: second derivatives', () => {
    const cube = (x: Tensor) => tf.mul(x, tf.square(x));
    const slope = tf.grad((x: Tensor) => reverseMode(() => cube(x), [x]).gradients[0]!);
    expect(slope(tf.scalar(2)).dataSync()[0]).toBeCloseTo(12, 5);
  });

  it('has no gradient for what the value does not depend on, and says which operation has none', () => {
    const [x, y] = [tf.scalar(2), tf.scalar(3)];
    expect(reverseMode(() => tf.square(x), [x, y]).gradients[1]).toBeUndefined();
    expect(reverseMode(() => tf.scalar(1), [x]).gradients).toEqual([undefined]);
    expect(() => reverseMode(() => tf.sum(tf.topk(tf.stack([x, y]), 1).values), [x])).toThrow(
      'the operation TopK has no gradient',
    );
  });
});
