import { mkdtemp, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeSafetensors } from '@svo/files';
import { tf } from '@svo/tensor';
import { expect, it } from 'vitest';
import { sgd } from '../optimizers/sgd.ts';
import { initialTrainState } from '../step/initial-train-state.ts';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts';

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'svo-'));
const base = () => ({ 'w.weight': tf.tensor2d([[1, 2, 3]]), 'v.weight': tf.tensor1d([4, 5]) });
const stateOver = (weights: ReturnType<typeof base>) =>
  initialTrainState({ 'a.lora_A.weight': tf.tensor1d([7]), ...weights }, sgd({ learningRate: 0.1 }));

it('leaves frozen weights out and takes them from the base again, in the order they had', async () => {
  const [dir, weights] = [await folder(), base()];
  const path = await saveCheckpoint(dir, stateOver(weights), { base: weights });
  expect(Object.keys(decodeSafetensors(await readFile(join(path, 'model.safetensors'))).tensors)).toEqual([
    'a.lora_A.weight',
  ]);
  const { params } = await loadCheckpoint(dir, { base: base() });
  expect(Object.keys(params)).toEqual(['a.lora_A.weight', 'w.weight', 'v.weight']);
  expect([...(await params['w.weight']!.data())]).toEqual([1, 2, 3]);
  // Saved again from what was loaded, nothing of the base comes back in.
  const again = base();
  const loaded = await loadCheckpoint(dir, { base: again });
  const second = await saveCheckpoint(await folder(), loaded, { base: again });
  const [one, two] = await Promise.all([path, second].map((at) => stat(join(at, 'model.safetensors'))));
  expect(two!.size).toBe(one!.size);
});

it('what took the place of a base weight is trained, and saved', async () => {
  const [dir, weights] = [await folder(), base()];
  await saveCheckpoint(dir, stateOver({ ...weights, 'v.weight': tf.tensor1d([8, 9]) }), { base: weights });
  const { params } = await loadCheckpoint(dir, { base: weights });
  expect([...(await params['v.weight']!.data())]).toEqual([8, 9]);
});

it('refuses to go on without the base, with a part of it, or with another', async () => {
  const [dir, weights] = [await folder(), base()];
  await saveCheckpoint(dir, stateOver(weights), { base: weights });
  await expect(loadCheckpoint(dir)).rejects.toThrow(/holds no base weights \(2 were frozen\): pass them as base/);
  const { 'w.weight': _, ...part } = weights;
  await expect(loadCheckpoint(dir, { base: part })).rejects.toThrow(/base must hold w\.weight/);
  await expect(loadCheckpoint(dir, { base: { ...weights, 'v.weight': tf.tensor1d([4, 6]) } })).rejects.toThrow(
    /trained on other base weights/,
  );
});

it('matrices held outside the parameters are part of the base: none, others or another width are refused', async () => {
  const [dir, weights] = [await folder(), base()];
  const frozen = (last: number, dtype = 'Q8_0') => ({
    'w.frozen': { shape: [1, 4], dtype, bytes: Uint8Array.of(1, 2, 3, last) },
  });
  await saveCheckpoint(dir, stateOver(weights), { base: weights, frozen: frozen(4) });
  const { step } = await loadCheckpoint(dir, { base: weights, frozen: frozen(4) });
  expect(step).toBe(0);
  await expect(loadCheckpoint(dir, { base: weights })).rejects.toThrow('was trained over frozen matrices: pass them');
  for (const other of [frozen(5), frozen(4, 'Q4_0'), { ...frozen(4), more: frozen(4)['w.frozen'] }])
    await expect(loadCheckpoint(dir, { base: weights, frozen: other })).rejects.toThrow('over other frozen matrices');
});
