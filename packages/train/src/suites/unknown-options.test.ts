import { tf } from '@svo/tensor';
import { expect, it } from 'vitest';
import * as train from '../index.ts';
import { collect } from '../test-support/collect.ts';
import { descent, descentStep } from '../test-support/descent.ts';

const given = { learningRate: 0.1, from: 1, steps: 1, total: 1, decay: 0.5, every: 1, patience: 1, metric: 'loss' };
/** What each function needs, and one option that nobody reads. */
const withUnknown = (...names: (keyof typeof given)[]) =>
  ({ ...Object.fromEntries(names.map((name) => [name, given[name]])), nobodyReadsThis: 5 }) as never;
const state = (): train.TrainState => train.initialTrainState({ w: tf.scalar(1) }, train.sgd({ learningRate: 0.1 }));

const calls: Readonly<Record<string, () => unknown>> = {
  adamw: () => train.adamw(withUnknown('learningRate')),
  addDecayedWeights: () => train.addDecayedWeights(0.1, withUnknown()),
  cosine: () => train.cosine(withUnknown('from', 'steps')),
  evaluate: () => train.evaluate(() => tf.scalar(1), {}, [{}], withUnknown()),
  linearSchedule: () => train.linearSchedule(withUnknown('from', 'steps')),
  progressSink: () => train.progressSink(withUnknown('total')),
  saveCheckpoint: () => train.saveCheckpoint('/nowhere', state(), withUnknown()),
  sgd: () => train.sgd(withUnknown('learningRate')),
  tensorboardSink: () => train.tensorboardSink('/nowhere', withUnknown()),
  trainStep: () => train.trainStep(() => tf.scalar(1), train.sgd({ learningRate: 0.1 }), withUnknown()),
  withCheckpoints: () => collect(train.withCheckpoints(descent([1]), withUnknown('every'))),
  withEarlyStop: () => collect(train.withEarlyStop(descent([1]), withUnknown('patience'))),
  withEma: () => train.withEma(descentStep(0.1), withUnknown('decay')),
  withEvaluation: () => collect(train.withEvaluation(descent([1]), withUnknown('every'))),
};

it.each(Object.keys(calls))('%s refuses an option nobody reads, by name', async (name) => {
  await expect((async () => calls[name]!())()).rejects.toThrow(`${name}: unknown option 'nobodyReadsThis'`);
});

it('withCheckpoints looks into `best` too', async () => {
  const options = { dir: '/nowhere', every: 1, best: { metric: 'loss', bettr: 'lower' } } as never;
  await expect(collect(train.withCheckpoints(descent([1]), options))).rejects.toThrow("unknown option 'bettr'");
});
