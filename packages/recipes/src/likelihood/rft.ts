import { type Batch, batches, type Example, type Planned, tokenizeCompletion, tokenizeTrajectory } from '@svo/data';
import { sftLoss } from '@svo/losses';
import { tf } from '@svo/tensor';
import type { Learner, Material, Plan } from '../plan.ts';
import type { AnyLoss, ManifestLoss } from '../shared/any-loss.ts';
import { byQuestion } from '../shared/by-question.ts';
import { fitting } from '../shared/fitting.ts';
import { orderOf } from '../shared/order.ts';

/** Different right solutions of a question that RFT takes, at the most. */
const mostOfAQuestion = 4;

/** A worked solution: the prompt and its steps, delimiters included. */
export interface SupervisedText {
  readonly prompt: string;
  readonly steps: readonly string[];
}

/**
 * RFT (rejection-sampling fine-tuning): SFT on the trajectories that ended right, at most four different ones a question.
 * What values add is what an objective gains over this. Of the material's own completions it learns all that nobody called
 * undesirable: on rows without labels it is SFT.
 */
export function rftPlan(material: Material): Plan<Batch & Planned> {
  return likelihoodPlan(material, sftLoss, {});
}

/** The same texts under any loss over their tokens, such as `dftLoss`. */
export function likelihoodPlan(material: Material, loss: ManifestLoss, options: object): Plan<Batch & Planned> {
  const right = byQuestion(material.trajectories.filter(({ reward }) => reward > 0)).flatMap((group) => {
    const distinct = new Map(group.map((trajectory) => [trajectory.steps.join(''), trajectory]));
    return [...distinct.values()].slice(0, mostOfAQuestion);
  });
  const { learner, completions = [] } = material;
  const written = completions.filter(({ label }) => label !== false);
  const examples = [
    ...right.map((one) => supervisedExample(one, learner)),
    ...written.map((row) => tokenizeCompletion(row, learner.tokenizer)),
  ];
  return examplesPlan(material, examples, loss, options);
}

/** SFT: next-token likelihood of every token behind the prompt, delimiters and the end included, averaged over the batch's tokens. */
export function supervisedPlan(
  material: Pick<Material, 'learner' | 'settings' | 'seed'>,
  texts: readonly SupervisedText[],
): Plan<Batch & Planned> {
  const examples = texts.map((text) => supervisedExample(text, material.learner));
  return examplesPlan(material, examples, sftLoss, {});
}

const supervisedExample = ({ prompt, steps }: SupervisedText, { tokenizer }: Pick<Learner, 'tokenizer'>): Example =>
  tokenizeTrajectory({ prompt, steps, credits: steps.map(() => 0) }, tokenizer, { scoreDelimiters: true });

/** A likelihood of examples. */
function examplesPlan(
  material: Pick<Material, 'learner' | 'settings' | 'seed'>,
  given: readonly Example[],
  loss: ManifestLoss,
  options: object,
): Plan<Batch & Planned> {
  const { lm } = material.learner;
  const { kept: examples, dropped } = fitting(given, (example) => [example], material.settings);
  const { updates, frozen, from } = orderOf(material, examples.length);
  return {
    updates,
    frozen,
    dropped,
    // Sorted by length within eight batches: a base learns from thousands of texts, and padding is work for nothing.
    batches: (cursor) => batches(examples, { ...from(cursor), window: 8 }),
    loss: (params, batch, { host }) => {
      const policyLogps = lm.tokenLogps(params, batch.ids, { scored: host.stepIds });
      const mask = tf.cast(tf.greaterEqual(batch.stepIds, 0), 'float32');
      return { loss: (loss as AnyLoss)({ policyLogps, mask } as never, options) };
    },
  };
}
