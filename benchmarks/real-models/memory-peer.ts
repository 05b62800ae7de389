/** One run of a model in a process of its own: a LoRA step or a few tokens. Prints what it took as one line of JSON. */
import { installKernels, type KernelOptions } from '@svo/kernels';
import { applyLora, generate, initLora, type LoadPretrainedOptions, loadPretrained } from '@svo/models';
import { type Tensor, tf, useBackend, wasmHeap } from '@svo/tensor';
import { adamw, initialTrainState, trainStep } from '@svo/train';
import type { Case } from './memory-cases.ts';

const { folder, threads, weights, engine, checkpoint, batch, length, steps, tokens } = JSON.parse(
  process.argv[2]!,
) as Case & { readonly folder: string; readonly threads: number };
const peak = (): number => process.resourceUsage().maxRSS * 1024;
await useBackend('wasm', { threads });
const kernels = await installKernels({ engine: engine as KernelOptions['engine'] & string });
const marks = { started: peak(), loaded: 0, ran: 0 };
const began = performance.now();
const base = await loadPretrained(folder, {
  weights: weights as LoadPretrainedOptions['weights'] & string,
  checkpoint: checkpoint ?? 'none',
});
const loadSeconds = (performance.now() - began) / 1000;
marks.loaded = peak();
const times: number[] = [];
let loss: number | undefined;
const { vocabSize } = base.lm.architecture;
if (tokens) {
  const prompts = Array.from({ length: batch }, (_, row) => [1, 5 + row, 9, 4]);
  const start = performance.now();
  await generate(base.lm, base.params, prompts, { maxTokens: tokens, temperature: 0, stopIds: [] });
  times.push((performance.now() - start) / tokens);
} else {
  const lora = { rank: 16, alpha: 32 };
  const lm = applyLora(base.lm, lora);
  const adapters = initLora(lm, lora, 1);
  const step = trainStep(
    (params: Readonly<Record<string, Tensor>>, { ids }: { readonly ids: Tensor }): Tensor =>
      tf.div(tf.sum(lm.tokenLogps(params, ids)), -batch * (length - 1)),
    adamw({ learningRate: 1e-4 }),
    { trainable: (name) => name in adapters },
  );
  let state = initialTrainState({ ...base.params, ...adapters }, adamw({ learningRate: 1e-4 }));
  const data = Int32Array.from({ length: batch * length }, (_, i) => (i * 7919 + 13) % vocabSize);
  for (let i = 0; i < (steps ?? 2); i++) {
    const start = performance.now();
    const result = await step(state, { ids: { data, shape: [batch, length] } } as never);
    times.push(performance.now() - start);
    state = result.state;
    loss = result.report.loss;
  }
}
marks.ran = peak();
const heapBytes = wasmHeap().memory.buffer.byteLength;
console.log(
  JSON.stringify({ engine: kernels.engine, loadSeconds, times, loss, heapBytes, marks, node: process.version }),
);
process.exit(0);
