/**
 * A checkpoint of commit 2c87513, the last before checkpoints could leave out a frozen base, and what that commit's training came to
 * from there. Written once, in a checkout of it: copy this file to its packages/train/golden and run
 *
 *     node --conditions=@svo/source packages/train/golden/checkpoint.ts FOLDER
 *
 * Least squares on eight points, AdamW behind a clipped gradient; saved after three updates of six.
 */
import { writeFile } from 'node:fs/promises';
import { tf } from '@svo/tensor';
import { adamw, chain, clipByGlobalNorm, cosine, initialTrainState, saveCheckpoint, train, trainStep } from '@svo/train';

const folder = process.argv[2]!;
export const batches = Array.from({ length: 6 }, (_, at) => {
  const x = Float32Array.from({ length: 8 }, (_, i) => Math.fround(Math.sin(1 + 3 * at + i)));
  const y = x.map((value) => Math.fround(2 * value - 0.5));
  return { x: { data: x, shape: [8, 1] }, y: { data: y, shape: [8, 1] }, cursor: { epoch: 0, batch: at + 1 } };
});
const optimizer = chain(clipByGlobalNorm(0.5), adamw({ learningRate: cosine({ from: 0.1, steps: 6 }), weightDecay: 0.01 }));
const step = trainStep<(typeof batches)[number]>(
  ({ 'layer.weight': weight, 'layer.bias': bias }, { x, y }) =>
    tf.mean(tf.square(tf.sub(tf.add(tf.matMul(x, weight!), bias!), y))),
  optimizer,
);
let state = initialTrainState({ 'layer.weight': tf.tensor2d([[0.25]]), 'layer.bias': tf.tensor1d([-0]) }, optimizer);
for await (const result of train(state, batches, step)) {
  state = result.state;
  if (state.step === 3) await saveCheckpoint(folder, state, { report: { ...result.report, 'memory/tensors': 0 } });
}
const after = Object.fromEntries(
  Object.entries(state.params).map(([name, tensor]) => [name, [...(tensor.dataSync() as Float32Array)]]),
);
await writeFile(`${folder}/after.json`, `${JSON.stringify({ step: state.step, after, cursor: state.cursor }, null, 2)}\n`);
