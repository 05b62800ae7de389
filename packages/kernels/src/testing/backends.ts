/** The settings every operation is checked under, and how closely results must agree. */
import { type Tensor, tf, useBackend } from '@svo/tensor';
import { expect } from 'vitest';
import { installKernels } from '../install.ts';
import type { Expected, Numbers } from './reference.ts';

/** One way to run the operations. */
export interface Setting {
  readonly name: string;
  start(): Promise<void>;
}

/** Composites on two backends, then the fused kernels with threads, without them, and without paired vectors. */
export const settings: Setting[] = [
  {
    name: 'cpu, composites',
    async start() {
      await useBackend('cpu');
    },
  },
  {
    name: 'wasm, composites',
    async start() {
      await useBackend('wasm', { threads: 2 });
    },
  },
  ...[
    { name: 'wasm, kernels on 2 threads', options: { threads: 2, gemm: 'wasm' } as const },
    { name: 'wasm, kernels on 1 thread', options: { threads: 1, gemm: 'wasm' } as const },
    { name: 'wasm, vectors not paired', options: { threads: 2, gemm: 'wasm', pairing: false } as const },
  ].map(({ name, options }) => ({
    name,
    async start() {
      await useBackend('wasm', { threads: 2 });
      await installKernels(options);
    },
  })),
];

/** A tensor of float32 from numbers. */
export const tensor = (values: Numbers, ...shape: number[]): Tensor => tf.tensor(Float32Array.from(values), shape);

export const integers = (values: Numbers): Tensor => tf.tensor(Int32Array.from(values), [values.length], 'int32');

/** Largest difference, relative to the largest magnitude there is; `floor` is the magnitude of what went in, since rounding starts there. */
export function distance(actual: ArrayLike<number>, expected: ArrayLike<number>, floor = 1): number {
  let difference = 0;
  let magnitude = floor;
  for (let i = 0; i < expected.length; i++) {
    const gap = Math.abs(actual[i]! - expected[i]!);
    if (Number.isNaN(gap)) return Number.NaN;
    difference = Math.max(difference, gap);
    magnitude = Math.max(magnitude, Math.abs(expected[i]!));
  }
  return difference / magnitude;
}

/** Checks value and gradients of a differentiable operation against the float64 reference, and that no tensor leaks. */
export function expectOperation(
  operation: (...inputs: Tensor[]) => Tensor,
  inputs: () => Tensor[],
  dy: Numbers,
  expected: Expected,
  magnitude = 1,
): void {
  const tolerance = 1e-5;
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const tensors = inputs();
    const value = operation(...tensors);
    expect(distance(value.dataSync(), expected.value, magnitude)).toBeLessThan(tolerance);
    const upstream = tensor(dy, ...value.shape);
    const gradients = tf.grads((...x: Tensor[]) => operation(...x))(tensors, upstream);
    expect(gradients.length).toBe(expected.gradients.length);
    gradients.forEach((gradient, i) => {
      expect(gradient.shape).toEqual(tensors[i]!.shape);
      expect(distance(gradient.dataSync(), expected.gradients[i]!, magnitude)).toBeLessThan(tolerance);
    });
  });
  expect(tf.memory().numTensors).toBe(before);
}
