/** Gradients of operations that take each element for itself. */
import { float, ofInput, ofOutput, ofPair, unbroadcast } from './gradient.ts';
import * as tf from './operations.ts';

const { mul, div, sub, add, neg, square, scalar, exp, sqrt } = tf;

/** Klambauer et al. 2017, the constants of SELU. */
const [SELU, SELU_ALPHA] = [1.0507009873554805, 1.6732632423543772];

const zero = (kernelName: string, input = 'x'): tf.GradConfig => ({
  kernelName,
  gradFunc: (dy) => ({ [input]: () => tf.zerosLike(dy as tf.Tensor) }),
});

/** dy where a condition holds, 0 elsewhere. */
const where = (condition: tf.Tensor, dy: tf.Tensor): tf.Tensor => mul(dy, float(condition));

const unary: readonly tf.GradConfig[] = [
  ofInput('Abs', (x, dy) => mul(dy, tf.sign(float(x)))),
  ofInput('Acos', (x, dy) => neg(div(dy, sqrt(sub(scalar(1), square(float(x))))))),
  ofInput('Acosh', (x, dy) => div(dy, sqrt(sub(square(float(x)), scalar(1))))),
  ofInput('Asin', (x, dy) => div(dy, sqrt(sub(scalar(1), square(float(x)))))),
  ofInput('Asinh', (x, dy) => div(dy, sqrt(add(scalar(1), square(float(x)))))),
  ofInput('Atan', (x, dy) => div(dy, add(square(float(x)), scalar(1)))),
  ofInput('Atanh', (x, dy) => div(dy, sub(scalar(1), square(float(x))))),
  ofInput('Cos', (x, dy) => mul(neg(tf.sin(float(x))), dy)),
  ofInput('Cosh', (x, dy) => mul(tf.sinh(float(x)), dy)),
  ofOutput('Elu', (y, dy) => mul(dy, add(tf.minimum(y, scalar(0)), scalar(1)))),
  ofInput('Erf', (x, dy) => mul(dy, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI)))),
  ofOutput('Exp', (y, dy) => mul(dy, y)),
  ofInput('Expm1', (x, dy) => mul(dy, exp(x))),
  ofInput('Log', (x, dy) => div(dy, float(x))),
  ofInput('Log1p', (x, dy) => div(dy, add(1, x))),
  ofInput('Neg', (_, dy) => neg(dy)),
  ofInput('Reciprocal', (x, dy) => div(dy, neg(square(x)))),
  ofInput('Relu', (x, dy) => mul(dy, tf.step(float(x)))),
  ofInput('Relu6', (x, dy) => where(tf.logicalAnd(tf.greater(x, 0), tf.lessEqual(x, 6)), dy)),
  ofInput('Rsqrt', (x, dy) => neg(div(dy, mul(tf.pow(x, 1.5), 2)))),
  ofInput('Selu', (x, dy) =>
    mul(dy, tf.where(tf.greater(x, 0), tf.fill(x.shape, SELU), mul(SELU * SELU_ALPHA, exp(x)))),
  ),
  ofOutput('Sigmoid', (y, dy) => mul(dy, mul(y, sub(scalar(1), y)))),
  ofInput('Sin', (x, dy) => mul(tf.cos(float(x)), dy)),
  ofInput('Sinh', (x, dy) => mul(tf.cosh(float(x)), dy)),
  ofInput('Softplus', (x, dy) => mul(dy, tf.sigmoid(x))),
  ofInput('Sqrt', (x, dy) => div(dy, mul(sqrt(float(x)), 2))),
  ofInput('Square', (x, dy) => mul(dy, mul(float(x), 2))),
  ofInput('Tan', (x, dy) => div(dy, square(tf.cos(x)))),
  ofOutput('Tanh', (y, dy) => mul(sub(scalar(1), square(y)), dy)),
  ...['Ceil', 'Floor', 'IsFinite', 'IsInf', 'IsNan', 'OnesLike', 'Round', 'Sign', 'Step', 'ZerosLike'].map((name) =>
    zero(name),
  ),
];

const withSettings: readonly tf.GradConfig[] = [
  {
    kernelName: 'ClipByValue',
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs) => {
      const { clipValueMin, clipValueMax } = attrs as unknown as { clipValueMin: number; clipValueMax: number };
      const inside = tf.logicalAnd(tf.greaterEqual(x!, clipValueMin), tf.lessEqual(x!, clipValueMax));
      return { x: () => tf.where(inside, dy as tf.Tensor, tf.zerosLike(dy as tf.Tensor)) };
    },
  },
  {
    kernelName: 'LeakyRelu',
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs) => {
      const { alpha } = attrs as unknown as { alpha: number };
      return { x: () => mul(dy as tf.Tensor, tf.step(x!, alpha)) };
    },
  },
  {
    kernelName: 'Prelu',
    inputsToSave: ['x', 'alpha'],
    gradFunc: (dy, [x, alpha]) => {
      const given = dy as tf.Tensor;
      const positive = tf.greater(x!, 0);
      return {
        x: () => tf.where(positive, given, mul(given, alpha!)),
        alpha: () => unbroadcast(tf.where(positive, tf.zerosLike(given), mul(given, x!)), alpha!.shape, given.shape),
      };
    },
  },
  { kernelName: 'Identity', gradFunc: (dy) => ({ x: () => float(dy as tf.Tensor) }) },
  { kernelName: 'Cast', gradFunc: (dy) => ({ x: () => tf.clone(dy as tf.Tensor) }) },
];

const pairs: readonly tf.GradConfig[] = [
  ofPair(
    'Add',
    (dy) => dy,
    (dy) => dy,
  ),
  ofPair(
    'Sub',
    (dy) => dy,
    (dy) => neg(dy),
  ),
  ofPair(
    'Multiply',
    (dy, _, b) => mul(dy, float(b)),
    (dy, a) => mul(dy, float(a)),
  ),
  ofPair(
    'RealDiv',
    (dy, _, b) => div(dy, float(b)),
    (dy, a, b) => neg(div(mul(dy, float(a)), float(square(b)))),
  ),
  ofPair(
    'Maximum',
    (dy, a, b) => where(tf.greaterEqual(a, b), dy),
    (dy, a, b) => where(tf.less(a, b), dy),
  ),
  ofPair(
    'Minimum',
    (dy, a, b) => where(tf.lessEqual(a, b), dy),
    (dy, a, b) => where(tf.greater(a, b), dy),
  ),
  ofPair(
    'SquaredDifference',
    (dy, a, b) => mul(dy, mul(sub(a, b), 2)),
    (dy, a, b) => mul(dy, mul(sub(b, a), 2)),
  ),
  ofPair(
    'Mod',
    (dy) => dy,
    (dy, a, b) => mul(dy, neg(tf.floor(div(a, b)))),
  ),
  ofPair(
    'Atan2',
    (dy, a, b) => mul(dy, div(b, add(square(a), square(b)))),
    (dy, a, b) => neg(mul(dy, div(a, add(square(a), square(b))))),
  ),
  ofPair(
    'Pow',
    (dy, a, b) => mul(dy, mul(float(b), tf.pow(a, sub(float(b), scalar(1))))),
    // log a counts for nothing where a ≤ 0: the power has no derivative in b there.
    (dy, a, _, y) => mul(dy, mul(y!, tf.where(tf.greater(a, 0), tf.log(a), tf.zerosLike(a)))),
    { output: true },
  ),
  {
    kernelName: 'GreaterEqual',
    inputsToSave: ['a', 'b'],
    gradFunc: (_, [a, b]) => ({ a: () => tf.zerosLike(a!), b: () => tf.zerosLike(b!) }),
  },
  {
    kernelName: 'AddN',
    saveAllInputs: true,
    gradFunc: (dy, saved) => Object.fromEntries(saved.map((_, i) => [i, () => tf.clone(dy as tf.Tensor)])),
  },
  {
    kernelName: 'Select',
    inputsToSave: ['condition'],
    gradFunc: (dy, [condition]) => {
      const given = dy as tf.Tensor;
      return {
        condition: () => float(tf.zerosLike(condition!)),
        t: () => mul(given, tf.cast(condition!, given.dtype)),
        e: () => mul(given, tf.cast(tf.logicalNot(condition!), given.dtype)),
      };
    },
  },
];

export const elementwiseGradients: readonly tf.GradConfig[] = [...unary, ...withSettings, ...pairs];
