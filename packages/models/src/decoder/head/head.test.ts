import { installKernels, linear, linearTokenLogps, targetLogps } from '@svo/kernels';
import { reverseMode, type Tensor, tf, useBackend } from '@svo/tensor';
import { beforeAll, describe, expect, it } from 'vitest';
import { headLogps } from './head.ts';

describe.each(['cpu', 'wasm'] as const)('headLogps on %s', (backend) => {
  beforeAll(async () => {
    await useBackend(backend);
    await installKernels();
  });

  it.each([1, 3, 40])('gives both ways the same bits, whatever the number of rows: %i', (rows) => {
    const noise = (size: number, seed: number) =>
      Float32Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898 + seed));
    const x = tf.tensor2d(noise(rows * 24, 1), [rows, 24]);
    const weight = tf.tensor2d(noise(50 * 24, 2), [50, 24]);
    const targets = tf.tensor1d(
      Array.from({ length: rows }, (_, i) => (i * 7) % 50),
      'int32',
    );
    const of = (logps: (...inputs: [Tensor, Tensor, Tensor]) => Tensor) =>
      reverseMode(() => tf.sum(logps(x, weight, targets)), [x, weight]);
    const kept = of((h, w, t) => targetLogps(linear(h, w), t));
    const recomputed = of(linearTokenLogps);
    const chosen = of(headLogps);
    expect(chosen.value.dataSync()).toEqual(kept.value.dataSync());
    expect(recomputed.value.dataSync()).toEqual(kept.value.dataSync());
    for (const i of [0, 1]) {
      const [a, b] = [kept.gradients[i]!.dataSync(), recomputed.gradients[i]!.dataSync()];
      expect(Math.max(...a.map((value, at) => Math.abs(value - b[at]!)))).toBeLessThan(1e-5);
    }
  });
});
