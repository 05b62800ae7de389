import { tf } from '@svo/tensor';
import type { Engine } from '../plans/running.ts';
import { quietEngine } from '../shell/engine.ts';
import type { ModelSize } from './model-size.ts';

/** Bytes that a training holds at the most: weights, the copy that learns, gradients, two moments, and what a batch keeps for its backward pass. */
export function trainingBytes(size: ModelSize, batchTokens: number, adapters: number | undefined): number {
  const { parameters, layers, hidden, mlp, vocabulary } = size;
  const weights = adapters === undefined ? 5 * parameters : parameters + 4 * adapters;
  const activations = batchTokens * (layers * (10 * hidden + 3 * mlp) + 2 * hidden + 2 * Math.min(vocabulary, 4096));
  return programBytes + 4 * (weights + activations);
}

/** What the program itself takes, whatever the model. */
const programBytes = 200e6;

/** Bytes that drawing holds at the most: weights, and the keys and values of the rows under way (`generate` bounds them). */
export const generationBytes = ({ parameters }: ModelSize): number => programBytes + 4 * parameters + 2 ** 29;

/** Parameters of adapters on every projection. */
export const adapterSize = ({ layers, hidden, mlp }: ModelSize, rank: number): number =>
  layers * rank * (8 * hidden + 3 * (hidden + mlp));

/** Floating-point operations: 2 a weight and token forward, 6 forward and back. */
export const forward = ({ parameters }: ModelSize, tokens: number): number => 2 * parameters * tokens;
export const training = ({ parameters }: ModelSize, tokens: number): number => 6 * parameters * tokens;

/** How many operations a second this machine does: its backend is started and timed by whoever asks first, once. */
export type Speed = () => Promise<number>;
export const machineSpeed = (engine: Engine): Speed => {
  let timed: Promise<number> | undefined;
  return () => (timed ??= quietEngine(engine).then(timedProduct));
};

/** Operations a second, by one product. */
async function timedProduct(): Promise<number> {
  const [rows, size] = [256, 512];
  const left = tf.ones([rows, size]);
  const right = tf.ones([size, size]);
  const once = async (): Promise<void> => {
    const product = tf.matMul(left, right);
    await product.data();
    product.dispose();
  };
  await once();
  const times = 5;
  const began = performance.now();
  for (let i = 0; i < times; i++) await once();
  const seconds = (performance.now() - began) / 1000;
  tf.dispose([left, right]);
  return (times * 2 * rows * size * size) / seconds;
}

/** Bytes as people read them. */
export const showBytes = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;

/** Seconds as people read them. */
export const showTime = (seconds: number): string =>
  seconds >= 3600
    ? `${(seconds / 3600).toFixed(1)} h`
    : seconds >= 60
      ? `${(seconds / 60).toFixed(1)} min`
      : `${seconds.toFixed(1)} s`;
