/** What holds for every family: gradients are slopes, packed examples keep apart, adapters merge, folders come back. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Tensor, tf, useBackend, valueAndGrads } from '@svo/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { causalLm } from '../decoder/causal-lm.ts';
import { applyLora, initLora, mergeLora } from '../decoder/lora.ts';
import { modelProjections } from '../decoder/parameters.ts';
import { loadAdapters, saveAdapters } from '../folders/adapter-folder.ts';
import { loadPretrained, savePretrained } from '../folders/pretrained.ts';
import { familyConfigs } from '../test-support/family-configs.ts';
import { idTensor, largestGap, randomised } from '../test-support/small-models.ts';

beforeAll(async () => {
  await useBackend('cpu');
});

const rows = [
  [3, 9, 4, 7, 1],
  [5, 5, 18, 2, 6],
];

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/** Directions a parameter is moved along: both in one, a half each, unless `pnpm fuzz` asks for one after the other. */
function directions(gradient: ArrayLike<number>, other: ArrayLike<number>): readonly ArrayLike<number>[] {
  if (process.env.SVO_EVERY_PLACE !== undefined) return [gradient, other];
  const [a, b] = [gradient, other].map((one) => 1 / Math.sqrt(dot(one, one)));
  return [Float64Array.from(gradient, (x, i) => a! * x + b! * other[i]!)];
}

describe.each(familyConfigs)('%s', (_, config) => {
  const lm = causalLm(config);

  test('each parameter’s gradient is the slope of the loss, along itself and along another direction', () => {
    const params = randomised(lm.init(1));
    const loss = (weights: Record<string, Tensor>): tf.Scalar =>
      tf.sum<tf.Scalar>(lm.tokenLogps(weights, idTensor(rows)));
    const { gradients } = valueAndGrads(loss, params);
    const others = randomised(gradients, 8);
    for (const [name, value] of Object.entries(params)) {
      const gradient = gradients[name]!.dataSync();
      for (const along of directions(gradient, others[name]!.dataSync())) {
        const step = 5e-3 / Math.sqrt(dot(along, along));
        const at = (steps: number): number =>
          tf.tidy(() => {
            const moved = tf.add(
              value,
              tf.tensor(
                Float32Array.from(along, (x) => steps * step * x),
                value.shape,
              ),
            );
            return loss({ ...params, [name]: moved }).dataSync()[0]!;
          });
        // Five points: what is left out is of the fourth power of the step.
        const slope = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step);
        const size = Math.sqrt(dot(gradient, gradient) * dot(along, along));
        expect(Math.abs(slope - dot(gradient, along)) / size, name).toBeLessThan(1e-2);
      }
    }
  });

  test('examples packed into a row have the log-probs they have alone', () => {
    const params = randomised(lm.init(1));
    const [first, second] = rows as [number[], number[]];
    const segments = { data: Int32Array.of(0, 0, 0, 0, 0, 1, 1, 1, 1, 1), shape: [1, 10] };
    const packed = lm.tokenLogps(params, idTensor([[...first, ...second]]), { segments }).dataSync();
    expect(largestGap(packed, lm.tokenLogps(params, idTensor(rows)).dataSync())).toBeLessThan(1e-4);
  });

  test('adapters on every projection merge into the base, and come back from a folder', async () => {
    const settings = { rank: 2, alpha: 3 };
    const base = randomised(lm.init(1));
    const params = { ...base, ...randomised(initLora(lm, settings, 1), 6) };
    const adapted = applyLora(lm, settings);
    const logits = adapted.apply(params, idTensor(rows)).dataSync();
    expect(largestGap(logits, lm.apply(base, idTensor(rows)).dataSync())).toBeGreaterThan(1e-2);
    expect(largestGap(lm.apply(mergeLora(params, settings), idTensor(rows)).dataSync(), logits)).toBeLessThan(1e-4);
    const folder = join(mkdtempSync(join(tmpdir(), 'svo-')), 'adapters');
    await saveAdapters(folder, { settings, params });
    const loaded = await loadAdapters(folder, lm);
    expect(loaded.settings.targets).toEqual(modelProjections(lm.architecture));
    expect(adapted.apply({ ...base, ...loaded.params }, idTensor(rows)).dataSync()).toEqual(logits);
  });

  test('a saved folder is the same model', async () => {
    const params = randomised(lm.init(1));
    const folder = join(mkdtempSync(join(tmpdir(), 'svo-')), 'model');
    await savePretrained(folder, { lm, params });
    const loaded = await loadPretrained(folder);
    expect(loaded.lm.architecture).toEqual(lm.architecture);
    expect(loaded.lm.apply(loaded.params, idTensor(rows)).dataSync()).toEqual(
      lm.apply(params, idTensor(rows)).dataSync(),
    );
  });
});
