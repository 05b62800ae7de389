/** The settings every operation is checked under, and how closely results must agree. */
import { type BackendName, type Tensor, tf, useBackend, webgpuDevice } from '@svo/tensor';
import { backendsHere } from '@svo/tensor/testing';
import { expect } from 'vitest';
import { installKernels } from '../install.ts';
import type { Expected, Numbers } from './reference.ts';

/** One way to run the operations. */
export interface Setting {
  readonly name: string;
  start(): Promise<void>;
}

const here = await backendsHere(['webgpu', 'tensorflow']);
/** Does this backend start here? */
export const hasBackend = (wanted: BackendName): boolean =>
  here.some(({ name, reason }) => name === wanted && reason === undefined);

/** Composites on two backends, then the fused kernels with threads, without them, and without paired vectors. */
export const settings: Setting[] = [
  {
    name: 'cpu, composites',
    async start() {
      await useBackend('cpu');
    },
  },
  ...(hasBackend('webgpu')
    ? [
        {
          name: 'webgpu, kernels',
          async start() {
            await useBackend('webgpu');
            await installKernels();
            // WebGPU only logs what goes wrong in a shader; here it must fail the run.
            webgpuDevice().onError((message) => {
              throw new Error(message);
            });
          },
        },
      ]
    : []),
  ...(hasBackend('tensorflow')
    ? [
        {
          name: 'tensorflow, kernels',
          async start() {
            await useBackend('tensorflow');
            await installKernels();
          },
        },
      ]
    : []),
  {
    name: 'wasm, composites',
    async start() {
      await useBackend('wasm', { threads: 2 });
    },
  },
  ...[
    { name: 'wasm, kernels on 2 threads', options: { threads: 2, engine: 'wasm' } as const },
    { name: 'wasm, kernels on 1 thread', options: { threads: 1, engine: 'wasm' } as const },
    { name: 'wasm, kernels, vectors not paired', options: { threads: 2, engine: 'wasm', pairing: false } as const },
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
export async function expectOperation(
  operation: (...inputs: Tensor[]) => Tensor,
  inputs: () => Tensor[],
  dy: Numbers,
  expected: Expected,
  magnitude = 1,
): Promise<void> {
  const before = tf.memory().numTensors;
  const results = tf.tidy(() => {
    const tensors = inputs();
    const value = operation(...tensors);
    const upstream = tensor(dy, ...value.shape);
    const gradients = tf.grads((...x: Tensor[]) => operation(...x))(tensors, upstream);
    gradients.forEach((gradient, i) => {
      expect(gradient.shape).toEqual(tensors[i]!.shape);
    });
    return [value, ...gradients];
  });
  const due = [expected.value, ...expected.gradients];
  expect(results.length).toBe(due.length);
  for (const [i, result] of results.entries())
    expect(distance(await result.data(), due[i]!, magnitude)).toBeLessThan(1e-5);
  tf.dispose(results);
  expect(tf.memory().numTensors).toBe(before);
}

/** A tensor's values on the host; the tensor is disposed of. */
export async function values(result: Tensor): Promise<number[]> {
  const data = await result.data();
  result.dispose();
  return Array.from(data);
}

/** Fails unless both hold the same bits. `toEqual` takes a microsecond a number, and products have many. */
export function expectSameBits(actual: Iterable<number>, expected: Iterable<number>, note?: string): void {
  const bytes = (numbers: Iterable<number>): Uint8Array => new Uint8Array(Float32Array.from(numbers).buffer);
  expect(Buffer.compare(bytes(actual), bytes(expected)), note).toBe(0);
}

/** `pnpm fuzz` tries everything as often as it says; `npm test` a part of it. */
export const whole: boolean = process.env.SVO_EVERY_PLACE !== undefined;

/** Cases a property is tried on: a software GPU compiles and runs each shader slowly, so it gets fewer. */
export const runs = (setting: string, wanted: number): number =>
  setting.startsWith('webgpu') ? Math.ceil(wanted / (whole ? 3 : 12)) : wanted;
