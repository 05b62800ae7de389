/**
 * How the cost of a step grows: time and peak memory against rows, length, layers, vocabulary, and the number of reasoning
 * steps (a segment sum: both must stay flat).
 *
 *   node --conditions=@svo/source benchmarks/train-step/growth.ts [rounds=5]
 *
 * Results: benchmarks/results/train-step-growth.json.
 */
import { installKernels } from '@svo/kernels';
import { tf, useBackend } from '@svo/tensor';
import { disposeTensors, initialTrainState, type TrainState } from '@svo/train';
import { machine, writeResults } from '../results.ts';
import { languageModel, optimizer, type Sizes } from './language-model.ts';
import { summary } from './peer.ts';
import { dvoBatch, dvoStep } from './preference-steps.ts';

const [, , rounds = '5'] = process.argv;
const base: Sizes & { readonly steps: number } = {
  layers: 2,
  width: 128,
  heads: 4,
  feedForward: 384,
  vocabulary: 512,
  length: 128,
  batch: 8,
  steps: 8,
};
const sweeps: Readonly<Record<string, readonly number[]>> = {
  batch: [4, 8, 16, 32],
  length: [64, 128, 256, 512],
  layers: [1, 2, 4, 8],
  vocabulary: [512, 2048, 8192, 32768],
  steps: [1, 4, 16, 64],
};
await useBackend('wasm', { threads: 2 });
await installKernels({ engine: 'wasm' });

async function measure(
  sizes: typeof base,
): Promise<{ milliseconds: ReturnType<typeof summary>; peakMebibytes: number }> {
  const lm = languageModel(sizes);
  // Each row scores the second half of its tokens, in so many steps.
  const batch = { ...dvoBatch(sizes, sizes.steps) };
  batch.referenceLogps.data.fill(-10);
  const step = dvoStep(lm);
  let state: TrainState = initialTrainState(lm.init(1), optimizer);
  const times: number[] = [];
  for (let round = -1; round < Number(rounds); round++) {
    const began = performance.now();
    ({ state } = await step(state, batch));
    if (round >= 0) times.push(performance.now() - began);
  }
  const { peakBytes } = await tf.profile(async () => {
    ({ state } = await step(state, batch));
    return [];
  });
  disposeTensors(state);
  return { milliseconds: summary(times), peakMebibytes: peakBytes / 2 ** 20 };
}

const results: Record<string, unknown[]> = {};
for (const [dimension, values] of Object.entries(sweeps)) {
  results[dimension] = [];
  for (const value of values) {
    const measured = await measure({ ...base, [dimension]: value });
    results[dimension].push({ [dimension]: value, ...measured });
    console.log(
      dimension.padEnd(10),
      String(value).padStart(6),
      `${measured.milliseconds.median.toFixed(1)} ms (best ${measured.milliseconds.min.toFixed(1)})`,
      `${measured.peakMebibytes.toFixed(1)} MiB at the peak`,
    );
  }
}
writeResults('train-step-growth', { date: new Date().toISOString(), machine, threads: 2, base, results });
process.exit(0);
