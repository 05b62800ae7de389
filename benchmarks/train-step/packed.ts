/**
 * What packing saves: the same examples trained in padded rows and packed end to end, turn by turn, one process.
 *
 *   node --conditions=@svo/source benchmarks/train-step/packed.ts [model=b] [rounds=12]
 *
 * Lengths are drawn log-uniformly from T/8 to T, as prompts with solutions are spread; results: benchmarks/results/packed.json.
 */
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { type Batch, batches, type Example, type PackedBatch, packedBatches } from '@svo/data';
import { installKernels } from '@svo/kernels';
import { dvoLoss } from '@svo/losses';
import { createRng, splitRng, uniforms } from '@svo/mdp';
import { stepLogps, type Tensor, tf, useBackend } from '@svo/tensor';
import { adamw, chain, clipByGlobalNorm, initialTrainState, type Report, type TrainStep, trainStep } from '@svo/train';
import { machine, writeResults } from '../results.ts';
import { languageModel, type Sizes } from './language-model.ts';

const [, , name = 'b', rounds = '12'] = process.argv;
const models = JSON.parse(readFileSync(new URL('models.json', import.meta.url), 'utf8')) as Record<string, Sizes>;
const sizes = models[name]!;
await useBackend('wasm');
const kernels = await installKernels();

const lm = languageModel(sizes);
const count = sizes.batch * 2;
const draws = uniforms(splitRng(createRng(1), 'lengths'), count);
const examples: Example[] = Array.from(draws, (u, i) => {
  const length = Math.round((sizes.length / 8) * 8 ** u);
  const ids = Array.from({ length }, (_, at) => (i * 31 + at * 17) % sizes.vocabulary);
  const prompt = Math.floor(length / 4);
  return {
    ids,
    stepIds: ids.map((_, at) => (at < prompt ? -1 : Math.floor((4 * (at - prompt)) / (length - prompt)))),
    credits: [0.1, -0.2, 0.3, 0],
    terminal: true,
  };
});
const order = { batchSize: count, seed: 1, padId: 0, length: sizes.length, steps: 4 };
const [padded] = [...batches(examples, order)];
const [packed] = [...packedBatches(examples, order)];

const optimizer = chain(clipByGlobalNorm(1), adamw({ learningRate: 1e-4 }));
const lossOf = (policyLogps: Tensor, { credits, mask }: { credits: Tensor; mask: Tensor }): Tensor =>
  dvoLoss({ policyLogps, referenceLogps: tf.zerosLike(policyLogps), credits, mask });
const paddedStep = trainStep<Batch>((params, { ids, stepIds, credits, mask }, { host }) => {
  const logps = lm.tokenLogps(params, ids, { scored: host.stepIds });
  return lossOf(stepLogps(logps, stepIds, 4), { credits, mask });
}, optimizer);
const packedStep = trainStep<PackedBatch>((params, { ids, stepIds, credits, mask }, { host }) => {
  const logps = lm.tokenLogps(params, ids, { scored: host.stepIds, segments: host.segments });
  const row = [1, logps.size];
  const summed = stepLogps(tf.reshape(logps, row), tf.reshape(stepIds, row), 4 * count);
  return lossOf(tf.reshape(summed, [count, 4]), { credits, mask });
}, optimizer);

/** A side of the comparison: one step a call, timed. */
const side = <B extends Batch | PackedBatch>(step: TrainStep<B>, batch: B) => {
  let state = initialTrainState(lm.init(1), optimizer);
  const milliseconds: number[] = [];
  return {
    rows: batch.ids.shape[0],
    milliseconds,
    once: async (): Promise<Report> => {
      const began = performance.now();
      const result = await step(state, batch);
      milliseconds.push(performance.now() - began);
      state = result.state;
      return result.report;
    },
  };
};
const sides = { padded: side(paddedStep, padded!), packed: side(packedStep, packed!) };
const first = { padded: await sides.padded.once(), packed: await sides.packed.once() };
if (Math.abs(first.padded.loss - first.packed.loss) > 1e-4)
  throw new Error(`losses differ: ${first.padded.loss} and ${first.packed.loss}`);
for (const { once, milliseconds } of Object.values(sides)) {
  await once();
  milliseconds.length = 0;
}
for (let round = 0; round < Number(rounds); round++) for (const { once } of Object.values(sides)) await once();

const real = examples.reduce((sum, { ids }) => sum + ids.length, 0);
const spread = (values: readonly number[]): { median: number; quartiles: number[] } => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
  return { median: at(0.5), quartiles: [at(0.25), at(0.75)] };
};
const results = Object.entries(sides).map(([kind, { rows, milliseconds }]) => {
  const paddingFraction = first[kind as keyof typeof first]['padding/fraction'];
  const realTokensPerSecond = (1000 * real) / spread(milliseconds).median;
  return [kind, { rows, paddingFraction, milliseconds: spread(milliseconds), realTokensPerSecond }];
});
const timesFaster = spread(sides.padded.milliseconds.map((ms, i) => ms / sides.packed.milliseconds[i]!));
const outcome = {
  date: new Date().toISOString(),
  machine,
  load: loadavg()[0],
  kernels,
  model: name,
  sizes,
  examples: count,
  realTokens: real,
  ...Object.fromEntries(results),
  timesFaster,
};
console.log(JSON.stringify(outcome, null, 1));
writeResults('packed', outcome);
process.exit(0);
