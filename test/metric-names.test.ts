/** Every metric name that TRL's users know, and the value side's, out of two steps of training and one sink; docs/metrics.md key by key. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Batch, batches, type Example, type PairBatch, pairBatches, truncateExamples } from '@svo/data';
import {
  dpoLoss,
  dvoLoss,
  pairMetrics,
  policyGradientMetrics,
  stepMetrics,
  unpairedMetrics,
  valueMetrics,
} from '@svo/losses';
import { drawnTrajectories, prefixTree } from '@svo/mcts';
import { causalLm, valueHead } from '@svo/models';
import { materialMetrics } from '@svo/recipes';
import { stepLogps, type Tensor, tf } from '@svo/tensor';
import {
  adamw,
  evaluate,
  initialTrainState,
  jsonlSink,
  type LossFunction,
  logTo,
  train,
  trainStep,
  withEvaluation,
} from '@svo/train';
import { mathVerifier } from '@svo/verify';
import { expect, it } from 'vitest';

/** TRAINING.md, section 2. */
const names = [
  'loss grad_norm learning_rate epoch global_step num_tokens rewards/chosen rewards/rejected rewards/margins rewards/accuracies',
  'logps/chosen logps/rejected kl values/mean values/explained_variance values/calibration_error credits/mse steps/per_example',
  'padding/fraction truncated/fraction perf/tokens_per_second perf/padded_tokens_per_second memory/tensors eval_loss eval_kl',
].flatMap((line) => line.split(' '));

const lm = causalLm({
  model_type: 'llama',
  vocab_size: 16,
  hidden_size: 8,
  intermediate_size: 16,
  num_hidden_layers: 1,
  num_attention_heads: 2,
});
const head = valueHead(lm);
const long: Example[] = [3, 5, 9].map((length, row) => ({
  ids: Array.from({ length }, (_, at) => (row + 3 * at) % 16),
  stepIds: Array.from({ length }, (_, at) => Math.floor((at + 1) / 2) - 1),
  credits: Array.from({ length: Math.floor(length / 2) }, (_, step) => (step % 2 ? 0.5 : -0.25) + row / 10),
  terminal: true,
}));
const { examples, droppedSteps } = truncateExamples(long, { maxLength: 6 });

it('all come out by themselves, or from one call beside the loss', async () => {
  const optimizer = adamw({ learningRate: 1e-3 });
  const values: LossFunction<Batch> = (params, { ids, stepIds, credits, mask }) => {
    const steps = mask.shape[1]!;
    const { logps, values } = head.logpsAndValues(params, ids, stepIds, steps);
    const inputs = { policyLogps: stepLogps(logps, stepIds, steps), referenceLogps: tf.zerosLike(mask), credits, mask };
    return { loss: dvoLoss(inputs), ...stepMetrics(inputs), ...valueMetrics({ values, targets: credits, mask }) };
  };
  const pairs: LossFunction<PairBatch> = (params, { ids, stepIds }) => {
    const [chosen, rejected] = tf.split(tf.sum(lm.tokenLogps(params, ids, { scored: stepIds }), 1), 2) as Tensor[];
    const inputs = {
      policyChosenLogps: chosen!,
      policyRejectedLogps: rejected!,
      referenceChosenLogps: tf.onesLike(chosen!),
      referenceRejectedLogps: tf.zerosLike(chosen!),
    };
    return { loss: dpoLoss(inputs), ...pairMetrics(inputs) };
  };
  const order = { batchSize: 3, seed: 1, padId: 0 };
  const path = join(mkdtempSync(join(tmpdir(), 'svo-names-')), 'log.jsonl');
  const stepwise = train(
    initialTrainState({ ...lm.init(1), ...head.init(2) }, optimizer),
    batches(examples, order),
    trainStep(values, optimizer),
  );
  const evaluated = withEvaluation(stepwise, {
    every: 1,
    evaluate: ({ params }) => evaluate(values, params, batches(examples, order)),
  });
  const side = (example: Example) => ({ ...example, stepIds: example.stepIds.map((step) => Math.min(step, 0)) });
  const pair = { chosen: side(examples[0]!), rejected: side(examples[1]!), chosenValue: 1, rejectedValue: -1 };
  const pairwise = train(
    initialTrainState(lm.init(1), optimizer),
    pairBatches([pair], order),
    trainStep(pairs, optimizer),
  );
  for (const run of [evaluated, pairwise]) for await (const _ of logTo(run, jsonlSink(path)));
  const rows = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number>);
  const seen = Object.assign({}, ...rows) as Record<string, number>;
  expect(names.filter((name) => !Number.isFinite(seen[name]))).toEqual([]);
  const steps = examples.reduce((sum, { credits }) => sum + credits.length, 0);
  expect(droppedSteps).toBeGreaterThan(0);
  expect(rows[0]!['truncated/fraction']).toBeCloseTo(droppedSteps / (droppedSteps + steps), 12);
});

it('docs/metrics.md has a row for every key of every …Metrics, and no other', () => {
  const [row, grid] = [tf.ones([2]), tf.ones([1, 2])];
  const sides = { policyChosenLogps: row, policyRejectedLogps: row };
  const question = { id: 'q', prompt: '?', answer: '1' };
  const tree = prefixTree(question, [{ steps: ['1'], finished: true }], { verifier: mathVerifier });
  const computed = {
    pairMetrics: pairMetrics({ ...sides, referenceChosenLogps: row, referenceRejectedLogps: row }),
    unpairedMetrics: unpairedMetrics({ policyLogps: row, referenceLogps: row, labels: row }),
    stepMetrics: stepMetrics({ policyLogps: grid, referenceLogps: grid, credits: grid, mask: grid }),
    policyGradientMetrics: policyGradientMetrics({
      policyLogps: grid,
      behaviorLogps: grid,
      advantages: grid,
      mask: grid,
    }),
    valueMetrics: valueMetrics({ values: grid, targets: grid, mask: grid }),
    materialMetrics: materialMetrics(drawnTrajectories(tree), [tree]),
  };
  const page = readFileSync(join(import.meta.dirname, '../docs/metrics.md'), 'utf8');
  const inCode = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
  const cells = [...page.matchAll(/^\|(.*)\|$/gm)].map(([, line]) => line!.split('|'));
  const documented = cells.flatMap((cell) =>
    inCode(cell.at(-1)!)
      .filter((name) => name.endsWith('Metrics'))
      .flatMap((by) => inCode(cell[0]!).map((key) => `${by}: ${key}`)),
  );
  const given = Object.entries(computed).flatMap(([by, metrics]) => Object.keys(metrics).map((key) => `${by}: ${key}`));
  expect(documented.toSorted()).toEqual(given.toSorted());
});
