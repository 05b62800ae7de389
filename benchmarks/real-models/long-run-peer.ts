/**
 * LoRA steps on a model of a released size until a given one, with a checkpoint, in a process of its own: fresh, or from the checkpoint that lies in the folder. Prints its
 * memory every 25 steps as a line of JSON.
 */
import { existsSync } from 'node:fs';
import { installKernels } from '@svo/kernels';
import { applyLora, initLora, loadPretrained } from '@svo/models';
import { type Tensor, tf, useBackend, wasmHeap } from '@svo/tensor';
import { adamw, initialTrainState, loadCheckpoint, train, trainStep, withCheckpoints } from '@svo/train';

const [, , folder, checkpoints, steps, every, length] = process.argv;
const count = Number(length);
await useBackend('wasm', { threads: 2 });
const { engine } = await installKernels();
const base = await loadPretrained(folder!, { weights: 'stored' });
const lora = { rank: 16, alpha: 32 };
const lm = applyLora(base.lm, lora);
const adapters = initLora(lm, lora, 1);
const optimizer = adamw({ learningRate: 1e-4 });
const step = trainStep<{ readonly ids: { readonly data: Int32Array; readonly shape: readonly [number, number] } }>(
  (params: Readonly<Record<string, Tensor>>, { ids }: { readonly ids: Tensor }): Tensor =>
    tf.div(tf.sum(lm.tokenLogps(params, ids)), -(count - 1)),
  optimizer,
  { trainable: (name) => name in adapters },
);
const begun = existsSync(checkpoints!)
  ? await loadCheckpoint(checkpoints!, { base: base.params })
  : initialTrainState({ ...base.params, ...adapters }, optimizer);

/** The text of a step follows from its number, so that a resumed run reads on. */
function* texts(from: number) {
  for (let at = from; at < Number(steps); at++)
    yield {
      ids: {
        data: Int32Array.from({ length: count }, (_, i) => ((at * count + i) * 7919 + 13) % lm.architecture.vocabSize),
        shape: [1, count] as const,
      },
    };
}
let last = begun;
let [sum, seen] = [0, 0];
for await (const { state, report } of withCheckpoints(train(begun, texts(begun.step), step), {
  dir: checkpoints!,
  every: Number(every),
  keep: 9,
  base: base.params,
})) {
  last = state;
  sum += report.loss;
  seen++;
  if (state.step % 25 > 0) continue;
  const residentMB = Math.round(process.memoryUsage().rss / 1e6);
  const heapMB = Math.round(wasmHeap().memory.buffer.byteLength / 1e6);
  const { numTensors } = tf.memory();
  console.log(JSON.stringify({ step: state.step, loss: sum / seen, residentMB, heapMB, numTensors }));
  [sum, seen] = [0, 0];
}
console.log(JSON.stringify({ engine, step: last.step }));
process.exit(0);
