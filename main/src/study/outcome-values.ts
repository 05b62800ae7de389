/** Material whose values are a model's: an outcome value model (OVM, 2311.09724) that has seen how the draws ended, and no more. */
import { type Batch, batches, type Planned, tokenizeTrajectory } from '@svo/data';
import { outcomeValueLoss } from '@svo/losses';
import type { Question, State, ValuedTrajectory, ValueModel } from '@svo/mdp';
import { localValueModel, type Params, valueNetwork } from '@svo/models';
import { planOptimizer } from '@svo/recipes';
import { copyParams, disposeTensors, initialTrainState, train, trainStep } from '@svo/train';
import type { Job } from '../job.ts';
import type { Gathered } from '../stages/material.ts';

/** As many updates as the policies get. */
const settings = { batchSize: 32, updates: 200, learningRate: 1e-3 };

type Grid = Batch['mask'];
type OutcomeBatch = Batch & Planned & { readonly targets: Grid; readonly read: Grid };

/** The same draws with other values: a value network begins as the base, learns how they ended, and is asked for every state. */
export async function valuedByModel(
  { learner, options }: Pick<Job, 'learner' | 'options'>,
  questions: readonly Question[],
  { trees, trajectories }: Gathered,
  base: Params,
): Promise<Gathered> {
  const { lm, tokenizer } = learner;
  const network = valueNetwork(lm.config);
  const examples = trajectories.map((one) => tokenizeTrajectory(one, tokenizer));
  const { batchSize, updates } = settings;
  const order = { batchSize, seed: options.seed, epochs: updates, dropLast: true, padId: tokenizer.padId };
  const outcomes = function* (): Generator<OutcomeBatch> {
    for (const batch of batches(examples, order)) yield { ...batch, ...outcomesOf(batch, trajectories) };
  };
  const optimizer = planOptimizer(settings);
  const step = trainStep<OutcomeBatch>(
    (params, { ids, targets, read }) =>
      outcomeValueLoss({ values: network.tokenValues(params, ids), targets, mask: read }),
    optimizer,
  );
  let state = initialTrainState(begunAs(network.init(options.seed), base), optimizer);
  for await (const result of train(state, outcomes(), step)) {
    state = result.state;
    if (state.step === updates) break;
  }
  const model = localValueModel({ head: network, params: state.params, tokenizer, id: 'outcomes' });
  const valued = await Promise.all(
    questions.map(async (question) =>
      revalued(
        model,
        question,
        trajectories.filter(({ questionId }) => questionId === question.id),
      ),
    ),
  );
  disposeTensors([state.optimizer, state.params]);
  return { trees, trajectories: valued.flat() };
}

/** A value network's parameters, those that the base has too taken from there. */
function begunAs(own: Params, base: Params): Params {
  const shared = Object.keys(own).filter((name) => name in base);
  const taken = copyParams(Object.fromEntries(shared.map((name) => [name, base[name]!])));
  disposeTensors(shared.map((name) => own[name]!));
  return { ...own, ...taken };
}

/** Every token of a row asked for the row's outcome, the question's tokens too: V(s₀) is read at the last of them. */
function outcomesOf({ ids, lengths, rows }: Batch & Planned, trajectories: readonly ValuedTrajectory[]) {
  const length = ids.shape[1]!;
  const grid = (value: (row: number) => number): Grid => ({
    data: Float32Array.from(ids.data, (_, at) => {
      const row = Math.floor(at / length);
      return at % length < lengths[row]! ? value(row) : 0;
    }),
    shape: [...ids.shape],
  });
  return { targets: grid((row) => trajectories[rows[row]!]!.reward), read: grid(() => 1) };
}

/** Trajectories of one question with the model's values of their states; the end keeps its outcome. */
async function revalued(
  model: ValueModel,
  question: Question,
  trajectories: readonly ValuedTrajectory[],
): Promise<ValuedTrajectory[]> {
  const states = trajectories.map(({ steps }) =>
    steps.map((_, t): State => ({ questionId: question.id, steps: steps.slice(0, t) })),
  );
  const all = await model.values(states.flat().map((state) => ({ question, state })));
  let at = 0;
  return trajectories.map((one, i) => {
    const values = states[i]!.map(() => all[at++]!);
    const credits = values.map((value, t) => (t + 1 < values.length ? values[t + 1]! : one.reward) - value);
    return { ...one, values: [...values, 0], credits };
  });
}
