/** Our side of the benchmark, in a process of its own. Commands come in as JSON lines, answers go out the same way. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { decodeSafetensors, encodeSafetensors } from '@svo/files';
import { installKernels, type KernelOptions, type KernelReport } from '@svo/kernels';
import { download, tf, upload, useBackend } from '@svo/tensor';
import { initialTrainState, type TrainState, type TrainStep } from '@svo/train';
import {
  languageModel,
  languageModelStep,
  optimizer,
  type Sizes,
  type TokenBatch,
  tokenIds,
  tokenLoss,
} from './language-model.ts';

const [, , threads, backend, engine] = process.argv;
let kernels: KernelReport | undefined;
if (backend === 'wasm') {
  await useBackend('wasm', { threads: Number(threads) });
  kernels = await installKernels({ engine: engine as KernelOptions['engine'] & string });
} else {
  await useBackend(backend as 'cpu' | 'tensorflow' | 'webgpu');
  if (engine !== 'composites') kernels = await installKernels();
}
const baseBytes = process.memoryUsage().rss;

let state: TrainState;
let step: TrainStep<TokenBatch>;
let batch: TokenBatch;

const commands = {
  /** Draws weights and writes them for the others. */
  async init({ weights, ...sizes }: Sizes & { weights: string }) {
    const params = languageModel(sizes).init(1);
    writeFileSync(weights, encodeSafetensors(await download(params)));
    for (const tensor of Object.values(params)) tensor.dispose();
    return {};
  },
  async load({ weights, ...sizes }: Sizes & { weights: string }) {
    const lm = languageModel(sizes);
    const { tensors } = decodeSafetensors(readFileSync(weights));
    // The order of an untrained model, so that sums over parameters round alike.
    const params = upload(tensors);
    batch = { ids: { data: tokenIds(sizes), shape: [sizes.batch, sizes.length] } };
    state = initialTrainState(params, optimizer);
    step = languageModelStep(lm);
    const { ids } = upload(batch as never) as Record<'ids', ReturnType<typeof tf.tensor>>;
    const loss = tf.tidy(() => tokenLoss(lm)(params, { ids }));
    const [value] = await loss.data();
    tf.dispose([loss, ids]);
    return { loss: value };
  },
  async steps({ count }: { count: number }) {
    const times: number[] = [];
    const losses: number[] = [];
    for (let i = 0; i < count; i++) {
      const began = performance.now();
      const result = await step(state, batch);
      times.push(performance.now() - began);
      state = result.state;
      losses.push(result.report.loss);
    }
    return { times, losses };
  },
  /** Kernel calls of one step, by name. */
  async kernels() {
    const calls: Record<string, number> = {};
    const profile = await tf.profile(async () => {
      const result = await step(state, batch);
      state = result.state;
      return [];
    });
    for (const { name } of profile.kernels) calls[name] = (calls[name] ?? 0) + 1;
    return { total: profile.kernels.length, calls };
  },
  async report() {
    const { maxRSS } = process.resourceUsage();
    return {
      version: `node ${process.version}, tfjs ${tf.version_core}`,
      kernels,
      baseBytes,
      peakBytes: maxRSS * 1024,
      tensors: tf.memory().numTensors,
    };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { do: name, ...rest } = JSON.parse(line) as { do: keyof typeof commands };
  const answer = await (commands[name] as (argument: object) => Promise<object>)(rest);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);
