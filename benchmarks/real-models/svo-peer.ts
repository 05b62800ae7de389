/** LoRA steps on a model of a released size, as a user writes them. Commands come in as JSON lines, answers go out the same way. */
import { mkdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { installKernels, type KernelOptions } from '@svo/kernels';
import {
  applyLora,
  type Checkpoint,
  initLora,
  loadAdapters,
  loadPretrained,
  type ModelConfig,
  saveAdapters,
} from '@svo/models';
import { type Tensor, tf, useBackend } from '@svo/tensor';
import { adamw, initialTrainState, type TrainState, type TrainStep, trainStep } from '@svo/train';
import { writeRandomFolder } from './random-folder.ts';

interface TokenBatch {
  readonly ids: { readonly data: Int32Array; readonly shape: readonly [number, number] };
}

const [, , threads, engine, checkpoint, weights] = process.argv;
await useBackend('wasm', { threads: Number(threads) });
const kernels = await installKernels({ engine: engine as KernelOptions['engine'] & string });
const baseBytes = process.memoryUsage().rss;
const lora = { rank: 16, alpha: 32 };
const optimizer = adamw({ learningRate: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 });
let step: TrainStep<TokenBatch>;
let state: TrainState;
let batch: TokenBatch;

const commands = {
  /** Writes random weights and adapters for everybody. */
  async init({ folder, adapters, config }: { folder: string; adapters: string; config: ModelConfig }) {
    await mkdir(folder, { recursive: true });
    await writeRandomFolder(folder, config);
    const { lm } = await loadPretrained(folder);
    await saveAdapters(adapters, { settings: lora, params: initLora(lm, lora, 1), baseModel: folder });
    return {};
  },
  async load(ask: { folder: string; adapters: string; ids: number[]; batch: number; length: number }) {
    const base = await loadPretrained(ask.folder, { weights: (weights ?? 'float32') as 'float32' | 'stored' });
    const { params: adapters } = await loadAdapters(ask.adapters, base.lm);
    const lm = applyLora(base.lm, lora, { checkpoint: checkpoint as Checkpoint });
    const loss = (params: Readonly<Record<string, Tensor>>, { ids }: { readonly ids: Tensor }): Tensor =>
      tf.div(tf.sum(lm.tokenLogps(params, ids)), -ask.batch * (ask.length - 1));
    step = trainStep<TokenBatch>(loss, optimizer, { trainable: (name) => name in adapters });
    state = initialTrainState({ ...base.params, ...adapters }, optimizer);
    batch = { ids: { data: Int32Array.from(ask.ids), shape: [ask.batch, ask.length] } };
    return {};
  },
  async steps({ count }: { count: number }) {
    const [times, losses]: [number[], number[]] = [[], []];
    for (let i = 0; i < count; i++) {
      const began = performance.now();
      const result = await step(state, batch);
      times.push(performance.now() - began);
      state = result.state;
      losses.push(result.report.loss);
    }
    return { times, losses };
  },
  async report() {
    const { engine: taken, reason } = kernels;
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    return { version: `node ${process.version}`, engine: taken, reason, baseBytes, peakBytes };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { do: name, ...rest } = JSON.parse(line) as { do: keyof typeof commands };
  console.log(JSON.stringify(await commands[name](rest as never)));
}
process.exit(0);
