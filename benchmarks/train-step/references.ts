/**
 * What a cached reference saves: DPO and DVO steps with reference log-probs from the cache against the same steps that run
 * the reference model, turn by turn; and what leaving out the prompt's logits saves.
 *
 *   node --conditions=@svo/source benchmarks/train-step/references.ts [models=a,b] [rounds=9]
 *
 * Results: benchmarks/results/train-step-references.json.
 */
import { readFileSync } from 'node:fs';
import type { Batch, PairBatch } from '@svo/data';
import { installKernels } from '@svo/kernels';
import { useBackend } from '@svo/tensor';
import { copyParams, disposeTensors, initialTrainState, type TrainStep } from '@svo/train';
import { machine, writeResults } from '../results.ts';
import { languageModel, optimizer, type Sizes } from './language-model.ts';
import { summary } from './peer.ts';
import { dpoBatch, dpoStep, dvoBatch, dvoStep, referenceOf } from './preference-steps.ts';

const models = JSON.parse(readFileSync(new URL('models.json', import.meta.url), 'utf8')) as Record<string, Sizes>;
const [, , wanted = 'a,b', rounds = '9'] = process.argv;
await useBackend('wasm', { threads: 2 });
await installKernels({ engine: 'wasm' });

/** Runs the variants turn by turn from the same weights; their first losses must agree. */
async function alternate<B>(
  start: Parameters<typeof copyParams>[0],
  variants: Readonly<Record<string, readonly [TrainStep<B>, B]>>,
): Promise<Record<string, number[]>> {
  const runs = Object.entries(variants).map(([name, [step, batch]]) => ({
    name,
    step,
    batch,
    state: initialTrainState(copyParams(start), optimizer),
    times: [] as number[],
    first: Number.NaN,
  }));
  for (let round = -2; round < Number(rounds); round++)
    for (const run of runs) {
      const began = performance.now();
      const { state, report } = await run.step(run.state, run.batch);
      if (round >= 0) run.times.push(performance.now() - began);
      if (round === -2) run.first = report.loss;
      run.state = state;
    }
  const firsts = runs.map(({ first }) => first);
  if (Math.max(...firsts) - Math.min(...firsts) > 1e-4)
    throw new Error(`first losses must agree to 1e-4, got ${firsts}`);
  for (const { state } of runs) disposeTensors(state);
  return Object.fromEntries(runs.map(({ name, times }) => [name, times]));
}

const results: Record<string, unknown> = {};
for (const name of wanted.split(',')) {
  const sizes = models[name]!;
  const lm = languageModel(sizes);
  const reference = lm.init(1);
  const steps = 8;
  const [dvo, dpo] = [dvoBatch(sizes, steps), dpoBatch(sizes)];
  const cachedDvo: Batch = {
    ...dvo,
    referenceLogps: { ...dvo.referenceLogps, data: await referenceOf(lm, reference, dvo, steps) },
  };
  const both = await referenceOf(lm, reference, dpo, 1);
  const half = both.length / 2;
  const cachedDpo: PairBatch = {
    ...dpo,
    referenceChosenLogps: { data: both.slice(0, half), shape: [half] },
    referenceRejectedLogps: { data: both.slice(half), shape: [half] },
  };
  const times = {
    dvo: await alternate<Batch>(reference, {
      cached: [dvoStep(lm), cachedDvo],
      online: [dvoStep(lm, reference), dvo],
      everyLogit: [dvoStep(lm, undefined, false), cachedDvo],
    }),
    dpo: await alternate<PairBatch>(reference, {
      cached: [dpoStep(lm), cachedDpo],
      online: [dpoStep(lm, reference), dpo],
    }),
  };
  disposeTensors(reference);
  results[name] = Object.fromEntries(
    Object.entries(times).map(([loss, variants]) => {
      const spread = Object.fromEntries(Object.entries(variants).map(([variant, ms]) => [variant, summary(ms)]));
      const of = (variant: string): object => ({
        median: spread[variant]!.median / spread.cached!.median,
        best: spread[variant]!.min / spread.cached!.min,
      });
      const ratios = Object.fromEntries(
        Object.keys(spread)
          .filter((variant) => variant !== 'cached')
          .map((variant) => [`${variant}/cached`, of(variant)]),
      );
      console.log(
        `(${name}) ${loss}`,
        Object.entries(spread)
          .map(([variant, s]) => `${variant} ${s.median.toFixed(1)} ms (best ${s.min.toFixed(1)})`)
          .join(', '),
        JSON.stringify(ratios),
      );
      return [loss, { milliseconds: spread, ratios }];
    }),
  );
}
writeResults('train-step-references', { date: new Date().toISOString(), machine, threads: 2, results });
process.exit(0);
