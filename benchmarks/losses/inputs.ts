/** What both sides of the speed comparison compute: every loss, from log-probs to value and gradients. */
import * as losses from '@svo/losses';
import { type Scalar, type Tensor, tf } from '@svo/tensor';

/** Steps of a trajectory, or tokens of a short response, in the [B, S] losses. */
export const STEPS = 8;

type Draw = 'logps' | 'mismatched' | 'values' | 'ones' | 'labels' | 'lengths' | 'outcome' | 'steps';
type Loss = (inputs: never) => Scalar;

/** A loss, its inputs in order, and which of them carry gradient. */
export interface SpeedCase {
  readonly loss: Loss;
  readonly rank: 1 | 2;
  readonly inputs: Readonly<Record<string, Draw>>;
  readonly trained: readonly string[];
}

const pairs = {
  policyChosenLogps: 'logps',
  policyRejectedLogps: 'logps',
  referenceChosenLogps: 'logps',
  referenceRejectedLogps: 'logps',
} as const;
const pairCase = (loss: Loss): SpeedCase => ({
  loss,
  rank: 1,
  inputs: pairs,
  trained: ['policyChosenLogps', 'policyRejectedLogps'],
});
const tokens = {
  policyLogps: 'logps',
  referenceLogps: 'logps',
  values: 'values',
  rewards: 'outcome',
  mask: 'ones',
} as const;
const single = { policyLogps: 'logps', referenceLogps: 'logps', values: 'values', rewards: 'values' } as const;

/** Every loss by name. */
export const cases: Readonly<Record<string, SpeedCase>> = {
  dpoLoss: pairCase(losses.dpoLoss),
  conservativeDpoLoss: pairCase(losses.conservativeDpoLoss),
  robustDpoLoss: pairCase(losses.robustDpoLoss),
  stepDpoLoss: pairCase(losses.stepDpoLoss),
  ipoLoss: pairCase(losses.ipoLoss),
  hingeLoss: pairCase(losses.hingeLoss),
  exoPairLoss: pairCase(losses.exoPairLoss),
  ncaPairLoss: pairCase(losses.ncaPairLoss),
  sppoHardLoss: pairCase(losses.sppoHardLoss),
  apoZeroLoss: pairCase(losses.apoZeroLoss),
  apoDownLoss: pairCase(losses.apoDownLoss),
  bcoPairLoss: pairCase(losses.bcoPairLoss),
  discopopLoss: pairCase(losses.discopopLoss),
  divergenceDpoLoss: pairCase(losses.divergenceDpoLoss),
  normalizedDpoLoss: {
    ...pairCase(losses.normalizedDpoLoss),
    inputs: { ...pairs, chosenLengths: 'lengths', rejectedLengths: 'lengths' },
  },
  simpoLoss: {
    ...pairCase(losses.simpoLoss),
    inputs: {
      policyChosenLogps: 'logps',
      policyRejectedLogps: 'logps',
      chosenLengths: 'lengths',
      rejectedLengths: 'lengths',
    },
  },
  svpoLoss: {
    ...pairCase(losses.svpoLoss),
    inputs: { ...pairs, chosenValues: 'values', rejectedValues: 'values' },
    trained: ['policyChosenLogps', 'policyRejectedLogps', 'chosenValues', 'rejectedValues'],
  },
  ktoLoss: {
    loss: losses.ktoLoss,
    rank: 1,
    inputs: {
      policyLogps: 'logps',
      referenceLogps: 'logps',
      labels: 'labels',
      policyKlLogps: 'logps',
      referenceKlLogps: 'logps',
    },
    trained: ['policyLogps'],
  },
  apoZeroUnpairedLoss: {
    loss: losses.apoZeroUnpairedLoss,
    rank: 1,
    inputs: { policyLogps: 'logps', referenceLogps: 'logps', labels: 'labels' },
    trained: ['policyLogps'],
  },
  droPolicyLoss: { loss: losses.droPolicyLoss, rank: 1, inputs: single, trained: ['policyLogps'] },
  droValueLoss: { loss: losses.droValueLoss, rank: 1, inputs: single, trained: ['values'] },
  dvoLoss: {
    loss: losses.dvoLoss,
    rank: 2,
    inputs: { policyLogps: 'logps', referenceLogps: 'logps', credits: 'values', mask: 'ones' },
    trained: ['policyLogps'],
  },
  dvoKtoLoss: {
    loss: losses.dvoKtoLoss,
    rank: 2,
    inputs: {
      policyLogps: 'logps',
      referenceLogps: 'logps',
      credits: 'values',
      mask: 'ones',
      policyKlLogps: 'mismatched',
      referenceKlLogps: 'mismatched',
    },
    trained: ['policyLogps'],
  },
  dqoPolicyLoss: { loss: losses.dqoPolicyLoss, rank: 2, inputs: tokens, trained: ['policyLogps'] },
  dqoValueLoss: { loss: losses.dqoValueLoss, rank: 2, inputs: tokens, trained: ['values'] },
  oreoPolicyLoss: { loss: losses.oreoPolicyLoss, rank: 2, inputs: tokens, trained: ['policyLogps'] },
  oreoValueLoss: { loss: losses.oreoValueLoss, rank: 2, inputs: tokens, trained: ['values'] },
  sftLoss: { loss: losses.sftLoss, rank: 2, inputs: { policyLogps: 'logps', mask: 'ones' }, trained: ['policyLogps'] },
  dftLoss: { loss: losses.dftLoss, rank: 2, inputs: { policyLogps: 'logps', mask: 'ones' }, trained: ['policyLogps'] },
  valueLoss: {
    loss: losses.valueLoss,
    rank: 2,
    inputs: { values: 'values', targets: 'values', mask: 'ones' },
    trained: ['values'],
  },
  outcomeValueLoss: {
    loss: losses.outcomeValueLoss,
    rank: 2,
    inputs: { values: 'values', targets: 'values', mask: 'ones' },
    trained: ['values'],
  },
  clippedValueLoss: {
    loss: losses.clippedValueLoss,
    rank: 2,
    inputs: { values: 'values', oldValues: 'values', targets: 'values', mask: 'ones' },
    trained: ['values'],
  },
};

/** Deterministic inputs; the numbers do not matter for speed beyond not being special. */
export function drawInputs(subject: SpeedCase, batch: number): Record<string, Tensor> {
  let state = 1;
  const random = (): number => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const shape = subject.rank === 1 ? [batch] : [batch, STEPS];
  const draw: Readonly<Record<Draw, (i: number) => number>> = {
    logps: () => -10 * random(),
    mismatched: () => -10 * random(),
    values: () => 2 * random() - 1,
    ones: () => 1,
    labels: (i) => i % 2,
    lengths: () => 1 + Math.floor(20 * random()),
    outcome: (i) => Number(i % STEPS === STEPS - 1),
    steps: (i) => i % STEPS,
  };
  return Object.fromEntries(
    Object.entries(subject.inputs).map(([name, kind]) => {
      const own = kind === 'mismatched' ? [batch] : shape;
      const length = own.reduce((a, b) => a * b, 1);
      const numbers = Float32Array.from({ length }, (_, i) => draw[kind](i));
      return [name, tf.tensor(numbers, own)];
    }),
  );
}
