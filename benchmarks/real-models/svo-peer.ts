/** LoRA steps on a model of a released size, as a user writes them. Commands come in as JSON lines, answers go out the same way. */
import { createInterface } from 'node:readline';
import { installKernels, type KernelOptions } from '@svo/kernels';
import {
  applyLora,
  type Checkpoint,
  causalLm,
  initLora,
  loadAdapters,
  loadPretrained,
  type ModelConfig,
  saveAdapters,
  savePretrained,
} from '@svo/models';
import { type Tensor, tf, useBackend } from '@svo/tensor';
import { adamw, initialTrainState, type TrainState, type TrainStep, trainStep } from '@svo/train';

interface TokenBatch {
  readonly ids: { readonly data: Int32Array; readonly shape: readonly [number, number] };
}

const [, , threads, engine, checkpoint] = process.argv;
await useBackend('wasm', { threads: Number(threads) });
const kernels = await installKernels({ engine: engine as KernelOptions['engine'] & string });
const baseBytes = process.memoryUsage().rss;
const lora = { rank: 16, alpha: 32 };
const optimizer = adamw({ learningRate: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 });
let step: TrainStep<TokenBatch>;
let state: TrainState;
let batch: TokenBatch;

const commands = {
  /** Draws weights and adapters and writes them for everybody. */
  async init({ folder, adapters, config }: { folder: string; adapters: string; config: ModelConfig }) {
    const lm = causalLm(config);
    const params = lm.init(1);
    await savePretrained(folder, { lm, params, dtype: 'BF16' });
    await saveAdapters(adapters, { settings: lora, params: initLora(lm, lora, 1), baseModel: folder });
    return {};
  },
  async load(ask: { folder: string; adapters: string; ids: number[]; batch: number; length: number }) {
    const base = await loadPretrained(ask.folder);
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
