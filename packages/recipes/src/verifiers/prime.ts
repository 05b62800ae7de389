/** PRIME (2502.01456): a process reward model that saw outcomes alone, whose rewards are the credits of DVO or the rewards of DQO. */
import { type Batch, batches, type Example, type Planned, tokenizeTrajectory } from '@svo/data';
import { implicitPrmLoss } from '@svo/losses';
import { aboveOtherSteps } from '@svo/mcts';
import { assertOptions } from '@svo/mdp';
import type { Params } from '@svo/models';
import { tf } from '@svo/tensor';
import { copyParams, disposeTensors, initialTrainState, type LossFunction, train, trainStep } from '@svo/train';
import { planOptimizer } from '../optimizer.ts';
import type { Material, Plan } from '../plan.ts';
import { byQuestion } from '../shared/by-question.ts';
import { drawnOnly } from '../shared/drawn-logps.ts';
import { orderOf } from '../shared/order.ts';
import { isFrozen, tokenReferences, withReference } from '../shared/reference.ts';
import { dvoPlan } from '../steps/dvo.ts';
import { type DqoPlanOptions, dqoPlan } from '../tokens/dqo.ts';
import type { TokenBatch } from '../tokens/token-batches.ts';
import type { TokenGrid } from '../tokens/value-network.ts';

/**
 * DVO on an implicit reward model's rewards: each is the change of its Q, which is what a credit is, less what a step of the question's other
 * responses gets on average (`aboveOtherSteps`). The model's Q of a question alone is 0, one chance in two: where the policy does worse, every step would be blamed.
 */
export async function primeDvoPlan(material: Material): Promise<Plan<Batch & Planned>> {
  const valued = await withImplicitCredits(material);
  const groups = byQuestion(valued.trajectories);
  const trajectories = groups.flatMap((group) => {
    const above = aboveOtherSteps(group.map(({ credits }) => credits));
    return group.map((one, i) => ({ ...one, credits: above[i]! }));
  });
  return dvoPlan({ ...valued, trajectories });
}

/**
 * DQO whose rewards are an implicit reward model's, each at the end of its step.
 *
 * @throws RangeError as `dqoPlan`, before anything is trained
 */
export async function primeDqoPlan(
  material: Material,
  options: Omit<DqoPlanOptions, 'rewards'> = {},
): Promise<Plan<TokenBatch>> {
  assertOptions('primeDqoPlan', options, ['lambda', 'importanceWeights']);
  // Before the reward model is trained for nothing.
  if ((options.importanceWeights ?? true) === true) drawnOnly('primeDqoPlan', material.trajectories);
  return dqoPlan(await withImplicitCredits(material), { ...options, rewards: 'steps' });
}

/**
 * A material whose trajectories are credited by an implicit reward model: a copy of the reference that learned, in as many updates of the same
 * order and rate as the policy gets, which responses were right, and gives every step βΣ log π_φ/π_ref of its tokens, its end included; a response's
 * credits add up to the model's logit of being right. β is the loss's own 0.05.
 *
 * @throws RangeError when the reference is a model on a server: the reward model begins as its copy
 * @example
 * ```ts
 * import { causalLm, characterTokenizer } from '@svo/models';
 * import { defaultSettings, withImplicitCredits } from '@svo/recipes';
 * const tokenizer = { ...characterTokenizer('0123456789+=? '), padId: 0 };
 * const sizes = { vocab_size: 20, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2 };
 * const lm = causalLm({ model_type: 'llama', ...sizes });
 * const one = (step: string, reward: number) => ({ questionId: 'q', prompt: '2+3=?', steps: [step], reward, values: [], credits: [] });
 * const settings = { ...defaultSettings['prime-dvo'], batchSize: 2, updates: 5 };
 * const trajectories = [one('5', 1), one('6', -1)];
 * const material = { learner: { lm, tokenizer }, trees: [], trajectories, reference: lm.init(1), settings, seed: 1 };
 * const [right, wrong] = (await withImplicitCredits(material)).trajectories;
 * right!.credits[0]! > wrong!.credits[0]!; // => true
 * ```
 */
export async function withImplicitCredits(material: Material): Promise<Material> {
  const { learner, trajectories, reference, settings } = material;
  if (isFrozen(reference))
    throw new RangeError(
      'withImplicitCredits: reference must be weights, got a model on a server (its copy is trained)',
    );
  const examples = trajectories.map((one) =>
    tokenizeTrajectory({ ...one, credits: one.steps.map(() => 0) }, learner.tokenizer, { scoreDelimiters: true }),
  );
  const { updates, from } = orderOf(material, examples.length);
  // What fills no batch teaches no policy either.
  if (updates === 0)
    return { ...material, trajectories: trajectories.map((one) => ({ ...one, credits: one.steps.map(() => 0) })) };
  const referenceOf = await tokenReferences(material, examples);
  const labelled = function* (): Generator<LabelledBatch> {
    for (const batch of batches(examples, from(undefined))) {
      const labels = Float32Array.from(batch.rows, (row) => Number(trajectories[row]!.reward > 0));
      yield { ...batch, labels: { data: labels, shape: [labels.length] }, tokenReference: referenceOf(batch) };
    }
  };
  const loss: LossFunction<LabelledBatch> = (params, { ids, stepIds, labels, tokenReference }, { host }) =>
    implicitPrmLoss({
      policyLogps: learner.lm.tokenLogps(params, ids, { scored: host.stepIds }),
      referenceLogps: tokenReference,
      labels,
      mask: tf.cast(tf.greaterEqual(stepIds, 0), 'float32'),
    });
  const optimizer = planOptimizer({ ...settings, updates });
  let state = initialTrainState(copyParams(reference), optimizer);
  for await (const result of train(state, labelled(), trainStep(loss, optimizer))) {
    state = result.state;
    if (state.step === updates) break;
  }
  const { params } = state;
  disposeTensors([state.optimizer]);
  const credits = await implicitCredits(material, examples, params);
  disposeTensors([params]);
  return { ...material, trajectories: trajectories.map((one, i) => ({ ...one, credits: credits[i]! })) };
}

interface LabelledBatch extends Batch, Planned {
  readonly labels: TokenGrid;
  readonly tokenReference: TokenGrid;
}

/** The loss's own β: what was learned under it. */
const beta = Number(implicitPrmLoss.manifest.options.beta!.initial);

/** β log π_φ/π_ref of each step of each example. */
async function implicitCredits(
  material: Material,
  examples: readonly Example[],
  verifier: Params,
): Promise<number[][]> {
  const { learner } = material;
  const own = await withReference({ learner, reference: verifier }, examples);
  const before = await withReference(material, examples);
  return own.map(({ referenceLogps }, i) =>
    referenceLogps!.map((logp, t) => beta * (logp - before[i]!.referenceLogps![t]!)),
  );
}
