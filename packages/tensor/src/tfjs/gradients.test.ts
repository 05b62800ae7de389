/** Each gradient beside the one of tfjs's umbrella package, run here, on the same numbers. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../tf.ts';
import { elementwiseGradients } from './elementwise-gradients.ts';
import { reducingGradients } from './reducing-gradients.ts';
import { shapingGradients } from './shaping-gradients.ts';

const ours = new Map(
  [...elementwiseGradients, ...reducingGradients, ...shapingGradients].map((config) => [config.kernelName, config]),
);
let theirs: Map<string, tf.GradConfig>;

beforeAll(async () => {
  const umbrella = await import('@tensorflow/tfjs'); // registers its own over ours
  expect(umbrella.tensor1d([1])).toBeInstanceOf(tf.Tensor);
  expect(umbrella.engine()).toBe(tf.engine());
  theirs = new Map([...ours.keys()].map((name) => [name, tf.getGradient(name)]));
});
afterAll(() => use(ours));

function use(gradients: ReadonlyMap<string, tf.GradConfig>): void {
  for (const [name, config] of gradients) {
    tf.unregisterGradient(name);
    tf.registerGradient(config);
  }
}

type Operation = (...inputs: tf.Tensor[]) => tf.Tensor;

const ids = tf.tensor1d([1, 0, 1, 2], 'int32');
const someIds = tf.tensor2d(
  [
    [1, 0],
    [2, 2],
  ],
  [2, 2],
  'int32',
);
const condition = tf.tensor2d(
  [
    [1, 0, 1],
    [0, 1, 1],
  ],
  [2, 3],
  'bool',
);

type Case = readonly [name: string, shapes: readonly number[][], operation: Operation, otherwise?: Operation];

/** Operations of inputs of the shapes beside them; where tfjs's gradient throws, the same said otherwise is what it is asked. */
const cases: readonly Case[] = [
  ...(
    [
      'abs',
      'asinh',
      'atan',
      'ceil',
      'cos',
      'cosh',
      'elu',
      'erf',
      'exp',
      'expm1',
      'floor',
      'neg',
      'relu',
      'relu6',
    ] as const
  ).map((name) => [name, [[2, 3]], (x: tf.Tensor) => tf[name](x)] as Case),
  ...(
    [
      'round',
      'sigmoid',
      'sign',
      'sin',
      'sinh',
      'softplus',
      'square',
      'step',
      'tan',
      'tanh',
      'onesLike',
      'zerosLike',
    ] as const
  ).map((name) => [name, [[2, 3]], (x: tf.Tensor) => tf[name](x)] as Case),
  ...(['log', 'log1p', 'reciprocal', 'rsqrt', 'sqrt'] as const).map(
    (name) => [name, [[2, 3]], (x: tf.Tensor) => tf[name](tf.add(tf.abs(x), 0.25))] as Case,
  ),
  ['acosh', [[3]], (x) => tf.acosh(tf.add(tf.abs(x), 1.25))],
  ...(['acos', 'asin', 'atanh'] as const).map(
    (name) => [name, [[3]], (x: tf.Tensor) => tf[name](tf.mul(tf.tanh(x), 0.9))] as Case,
  ),
  ['clipByValue', [[2, 3]], (x) => tf.clipByValue(x, -0.5, 0.75)],
  ['prelu', [[2, 3], [3]], (x, alpha) => tf.prelu(x, alpha)],
  ['leakyRelu', [[2, 3]], (x) => tf.leakyRelu(x, 0.1)],
  ['cast', [[2, 3]], (x) => tf.cast(tf.cast(x, 'float32'), 'float32')],
  ['clone', [[2, 3]], (x) => tf.clone(x)],
  ...[
    [
      [2, 3],
      [2, 3],
    ],
    [[2, 3], [3]],
    [
      [1, 3],
      [2, 1],
    ],
    [[], [2, 2]],
  ].flatMap((shapes) =>
    (['add', 'sub', 'mul', 'maximum', 'minimum', 'squaredDifference', 'atan2'] as const)
      .map(
        (name) =>
          [
            `${name} ${JSON.stringify(shapes)}`,
            shapes,
            (a, b) => tf[name](a, b),
            (a, b) => tf[name](tf.mul(a, tf.onesLike(tf.add(a, b))), tf.mul(b, tf.onesLike(tf.add(a, b)))),
          ] as Case,
      )
      .concat([
        [`div ${JSON.stringify(shapes)}`, shapes, (a, b) => tf.div(a, tf.add(tf.square(b), 0.5))],
        [`mod ${JSON.stringify(shapes)}`, shapes, (a, b) => tf.mod(a, tf.add(tf.square(b), 0.5))],
        [`pow ${JSON.stringify(shapes)}`, shapes, (a, b) => tf.pow(tf.add(tf.abs(a), 0.25), b)],
      ]),
  ),
  [
    'addN',
    [
      [2, 3],
      [2, 3],
      [2, 3],
    ],
    (a, b, c) => tf.addN([a, b, c]),
  ],
  [
    'where',
    [
      [2, 3],
      [2, 3],
    ],
    (a, b) => tf.where(condition, a, b),
  ],
  ...(['sum', 'mean', 'max', 'min'] as const).flatMap((name) =>
    [undefined, 0, 1, -1, [0, 2], [1, 2]].flatMap((axis) =>
      [false, true].map(
        (keep) => [`${name} ${axis} ${keep}`, [[2, 3, 2]], (x: tf.Tensor) => tf[name](x, axis, keep)] as Case,
      ),
    ),
  ),
  ...[
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ].map(
    ([a, b]) =>
      [
        `matMul ${a} ${b}`,
        [
          [2, ...(a ? [3, 4] : [4, 3])],
          [2, ...(b ? [5, 3] : [3, 5])],
        ],
        (x: tf.Tensor, y: tf.Tensor) => tf.matMul(x, y, a, b),
      ] as Case,
  ),
  ['softmax', [[2, 4]], (x) => tf.softmax(x)],
  ['logSoftmax', [[2, 4]], (x) => tf.logSoftmax(x)],
  ['logSumExp', [[2, 4]], (x) => tf.logSumExp(x, 1)],
  ...[
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ].map(
    ([e, r]) =>
      [
        `cumsum ${e} ${r}`,
        [[3, 2]],
        (x) => tf.cumsum(x, 0, e, r),
        (x) => tf.transpose(tf.cumsum(tf.transpose(x), 1, e, r)),
      ] as Case,
  ),
  ['cumsum of the last axis', [[2, 3]], (x) => tf.cumsum(x, 1)],
  ['reshape', [[2, 3]], (x) => tf.reshape(x, [3, 2])],
  ['expandDims', [[2, 3]], (x) => tf.expandDims(x, 1)],
  ['squeeze', [[2, 1, 3]], (x) => tf.squeeze(x, [1])],
  ['reverse', [[2, 3]], (x) => tf.reverse(x, 1)],
  ['reverse all', [[2, 3]], (x) => tf.reverse(x)],
  ['transpose', [[2, 3, 4]], (x) => tf.transpose(x, [2, 0, 1])],
  ['transpose all', [[2, 3, 4]], (x) => tf.transpose(x)],
  ['tile', [[2, 3]], (x) => tf.tile(x, [3, 2])],
  ['broadcastTo', [[1, 3]], (x) => tf.broadcastTo(x, [2, 2, 3])],
  ['slice', [[3, 4]], (x) => tf.slice(x, [1, 0], [-1, 2])],
  [
    'pad',
    [[2, 3]],
    (x) =>
      tf.pad(
        x,
        [
          [1, 0],
          [2, 1],
        ],
        0.5,
      ),
  ],
  [
    'concat',
    [
      [2, 3],
      [2, 1],
    ],
    (a, b) => tf.concat([a, b], 1),
  ],
  [
    'concat, from the end',
    [
      [2, 3],
      [2, 1],
    ],
    (a, b) => tf.concat([a, b], -1),
  ],
  [
    'split',
    [[2, 5]],
    (x) => {
      const [a, b] = tf.split(x, [2, 3], 1);
      return tf.add(tf.sum(tf.square(a!)), tf.sum(tf.exp(b!)));
    },
  ],
  [
    'stack',
    [
      [2, 3],
      [2, 3],
    ],
    (a, b) => tf.stack([a, b], 1),
  ],
  [
    'unstack',
    [[2, 3]],
    (x) => {
      const [a, b] = tf.unstack(x);
      return tf.mul(tf.square(a!), b!);
    },
  ],
  ['gather', [[3, 2]], (x) => tf.gather(x, ids)],
  ['gather of axis 1', [[2, 3]], (x) => tf.gather(x, ids, 1)],
  ['gather of a matrix of indices', [[2, 3, 2]], (x) => tf.gather(x, someIds, 1)],
  ['gather by batch', [[2, 3, 2]], (x) => tf.gather(x, someIds, 1, 1)],
  ['unsortedSegmentSum', [[4, 2]], (x) => tf.unsortedSegmentSum(x, tf.tensor1d([0, 2, -1, 2], 'int32'), 3)],
];

/** Value weighted by drawn numbers, so that no two elements' gradients are alike. */
function gradientsOf(operation: Operation, inputs: readonly tf.Tensor[]): Float32Array[] {
  const weighted = (...x: tf.Tensor[]): tf.Tensor => {
    const y = operation(...x);
    const weights = tf.tensor(
      Float32Array.from({ length: y.size }, (_, i) => Math.sin(1 + i)),
      y.shape,
    );
    return tf.sum(tf.mul(y, weights));
  };
  return tf.tidy(() =>
    tf
      .grads(weighted)([...inputs])
      .map((gradient) => gradient.dataSync() as Float32Array),
  );
}

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
/** Away from 0, where |x|, relu and their like have more than one slope. */
const number = fc.double({ min: -2, max: 2, noNaN: true }).filter((x) => Math.abs(x) > 0.01);
const numbers = (shape: readonly number[]) => fc.array(number, { minLength: size(shape), maxLength: size(shape) });

describe('equal tfjs’s', () => {
  for (const [name, shapes, operation, otherwise = operation] of cases)
    test(name, () => {
      fc.assert(
        fc.property(fc.tuple(...shapes.map(numbers)), (drawn) => {
          const inputs = drawn.map((values, i) => tf.tensor(Float32Array.from(values), [...shapes[i]!]));
          use(theirs);
          const due = gradientsOf(otherwise, inputs);
          use(ours);
          const got = gradientsOf(operation, inputs);
          tf.dispose(inputs);
          for (const [i, values] of got.entries())
            for (const [j, value] of values.entries())
              expect(Math.abs(value - due[i]![j]!)).toBeLessThanOrEqual(4e-6 * Math.max(1, Math.abs(due[i]![j]!)));
        }),
        { numRuns: 20 },
      );
    });
});
