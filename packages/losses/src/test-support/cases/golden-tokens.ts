/** The two sequences all OREO and DQO goldens are computed on: 4 and 3 valid tokens of 6. */
import type { Matrix } from '../../reference/index.ts';
import type { Arrays } from './arrays.ts';
import { golden } from './golden.ts';

const given = golden['oreo.token']!.inputs as unknown as Record<string, number[]>;
const rows = (flatList: readonly number[]): number[][] =>
  [flatList.slice(0, 6), flatList.slice(6)].map((row) => [...row]);

const mask = rows(given.action_mask_labels!);

/** An outcome reward on the last valid token of each row. */
function outcomes(rewards: readonly number[]): number[][] {
  return mask.map((row, i) => row.map((_, t) => (t === row.lastIndexOf(1) ? rewards[i]! : 0)));
}

/** `oreo.token`'s batch. */
export const goldenTokens: Arrays &
  Readonly<Record<'policyLogps' | 'referenceLogps' | 'values' | 'rewards' | 'mask', Matrix>> = {
  policyLogps: rows(given.logp!),
  referenceLogps: rows(given.ref!),
  values: rows(given.values!),
  rewards: outcomes(given.reward!),
  mask,
};

/** `oreo.step`'s steps: a state starts wherever its state mask is 1. */
export const goldenStepIds: number[][] = rows(golden['oreo.step']!.state_mask as unknown as number[]).map((row, i) => {
  let step = -1;
  return row.map((starts, t) => {
    if (starts > 0) step += 1;
    return mask[i]![t]! > 0 ? step : -1;
  });
});
