import { tokenizePair } from '@svo/data';
import { pairMetrics, paperPresets, sftLoss, svpoLoss, valueLoss } from '@svo/losses';
import { extractPairs, svpoPairs } from '@svo/mcts';
import { assertOptions } from '@svo/mdp';
import { stepLogps, tf } from '@svo/tensor';
import type { Material, Plan } from '../plan.ts';
import { byQuestion } from '../shared/by-question.ts';
import { halves, type Pairs, pairOrder } from './pair-plan.ts';
import { stepValues } from './step-values.ts';

/** What the paper's ablations vary; `paperPresets.svpo` where not given. */
export interface SvpoPlanOptions {
  /** γ, how far apart the values of a pair should be. */
  readonly margin?: number;
  /** Weight of the margin on the values: 0 leaves it out. */
  readonly marginWeight?: number;
  /** Weight of the tie between the policy's margin and the values': 0 leaves it out. */
  readonly regularizerWeight?: number;
  /** Weights of the three terms of the total. */
  readonly weights?: { readonly preference?: number; readonly sft?: number; readonly value?: number };
}

/**
 * SVPO: preferences between steps, a value head that learns the tree's values, and SFT to stay put (2406.10858, stage 2). The
 * material's own pairs are learned from as well; those of whole responses have values of 0. A policy on a server shows no hidden
 * states: there a value network of its own, held here, learns the values.
 *
 * @throws RangeError on an unknown option
 */
export async function svpoPlan(material: Material, options: SvpoPlanOptions = {}): Promise<Plan<Pairs>> {
  assertOptions('svpoPlan', options, ['margin', 'marginWeight', 'regularizerWeight', 'weights']);
  assertOptions('svpoPlan: weights', options.weights ?? {}, ['preference', 'sft', 'value']);
  const { learner, trees, pairs = [], settings, seed } = material;
  const { weights: paper, ...terms } = { ...paperPresets.svpo, ...options, weights: paperPresets.svpo.weights };
  const weights = { ...paper, ...options.weights };
  const grown = byQuestion(trees.map((tree) => ({ questionId: tree.question.id, tree }))).flatMap((group) =>
    extractPairs(
      group.map(({ tree }) => tree),
      { ...svpoPairs, seed },
    ),
  );
  const examples = [...grown, ...pairs].map((pair) =>
    tokenizePair(pair, learner.tokenizer, { scoreDelimiters: false }),
  );
  const head = stepValues(learner);
  return {
    ...(await pairOrder(material, examples)),
    extras: () => head.init(seed),
    loss: (params, batch, { host }) => {
      const { ids, stepIds, referenceChosenLogps, referenceRejectedLogps, chosenValues, rejectedValues } = batch;
      const { logps, values } = head.logpsAndValues(params, ids, host.stepIds);
      const [policyChosenLogps, policyRejectedLogps] = halves(stepLogps(logps, stepIds, 1));
      const [headChosen, headRejected] = halves(values);
      const pair = { policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps };
      const svpo = svpoLoss(
        { ...pair, chosenValues: headChosen, rejectedValues: headRejected },
        { ...terms, beta: settings.beta },
      );
      const targets = tf.expandDims(tf.concat([chosenValues, rejectedValues]), 1);
      const value = valueLoss({ values, targets, mask: tf.onesLike(targets) }, { scale: 1 });
      const sft = sftLoss({
        policyLogps: tf.expandDims(policyChosenLogps, 1),
        mask: tf.ones([policyChosenLogps.size, 1]),
      });
      const loss = tf.addN([
        tf.mul(svpo, weights.preference),
        tf.mul(sft, weights.sft),
        tf.mul(value, weights.value),
      ]) as tf.Scalar;
      return { loss, 'values/loss': value, ...pairMetrics(pair, { beta: settings.beta }) };
    },
  };
}
