/** A verifier of steps: a value network that begins as the base and learns, by cross-entropy, how often a right answer followed each prefix. */
import { type Batch, batches, tokenizeTrajectory } from '@svo/data';
import { stepBceLoss } from '@svo/losses';
import { prmRows } from '@svo/mcts';
import { blankLineFormat, type ValueModel } from '@svo/mdp';
import { localValueModel, type Params, valueNetwork } from '@svo/models';
import { planOptimizer } from '@svo/recipes';
import { copyParams, disposeTensors, initialTrainState, train, trainStep } from '@svo/train';
import type { Job } from '../../job.ts';
import type { Gathered } from '../../stages/material.ts';

/** As many updates as the policies get. */
const settings = { batchSize: 32, updates: 200, learningRate: 1e-3 };

/** Trained on the trees of a material; its scores are logits of being right. */
export async function trainVerifier(
  { learner, options }: Pick<Job, 'learner' | 'options'>,
  { trees }: Gathered,
  base: Params,
): Promise<{ readonly valueModel: ValueModel; readonly params: Params }> {
  const { lm, tokenizer } = learner;
  const head = valueNetwork(lm.config, 'identity');
  const examples = trees
    .flatMap((tree) => prmRows(tree))
    .map(({ prompt, completions, values }) =>
      // What a step is judged by goes where its credit would: V of ±1 as a probability.
      tokenizeTrajectory({ prompt, steps: completions, credits: values.map((v) => (v + 1) / 2) }, tokenizer),
    );
  const { batchSize, updates } = settings;
  const order = { batchSize, seed: options.seed, epochs: updates, dropLast: true, padId: tokenizer.padId };
  const optimizer = planOptimizer(settings);
  const step = trainStep<Batch>(
    (params, { ids, stepIds, credits, mask }) =>
      stepBceLoss({ logits: head.values(params, ids, stepIds, mask.shape[1]!), targets: credits, mask }),
    optimizer,
  );
  const own = head.init(options.seed);
  const shared = Object.keys(own).filter((name) => name in base);
  const begun = { ...own, ...copyParams(Object.fromEntries(shared.map((name) => [name, base[name]!]))) };
  disposeTensors(shared.map((name) => own[name]!));
  let state = initialTrainState(begun, optimizer);
  for await (const result of train(state, batches(examples, order), step)) {
    state = result.state;
    if (state.step === updates) break;
  }
  disposeTensors([state.optimizer]);
  const { params } = state;
  return { params, valueModel: localValueModel({ head, params, tokenizer, id: 'verifier', format: blankLineFormat }) };
}
