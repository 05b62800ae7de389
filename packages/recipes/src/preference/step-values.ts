/** Values at the ends of steps, beside the policy's log-probs. */
import type { Batch } from '@svo/data';
import { type CausalLm, type Params, valueHead } from '@svo/models';
import { tf } from '@svo/tensor';
import type { Material } from '../plan.ts';
import { tokenValues } from '../tokens/value-network.ts';

type Marks = Batch['stepIds'];

/** Log-probs [B, T] and the value at the end of each row's one step, [B, 1]. */
export interface StepValues {
  readonly init: (seed: number) => Params;
  readonly logpsAndValues: (
    params: Params,
    ids: tf.Tensor,
    stepIds: Marks,
  ) => { readonly logps: tf.Tensor; readonly values: tf.Tensor };
}

/** A head on the policy's decoder; a network beside it where the policy is on a server, which shows no hidden states. */
export function stepValues(learner: Material['learner']): StepValues {
  const { lm } = learner;
  if ('hidden' in lm) {
    const head = valueHead(lm as CausalLm);
    return {
      init: (seed) => head.init(seed),
      logpsAndValues: (params, ids, stepIds) => head.logpsAndValues(params, ids, stepIds, 1),
    };
  }
  const network = tokenValues(learner);
  return {
    init: (seed) => network.init(seed),
    logpsAndValues: (params, ids, stepIds) => ({
      logps: lm.tokenLogps(params, ids, { scored: stepIds }),
      values: tf.sum(tf.mul(network.atTokens(params, ids), lastScored(stepIds)), 1, true),
    }),
  };
}

/** 1 at the last scored token of each row, 0 elsewhere, [B, T]. */
function lastScored({ data, shape }: Marks): tf.Tensor {
  const [rows, width] = shape as [number, number];
  const marks = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    let last = width - 1;
    while (last > 0 && data[row * width + last]! < 0) last--;
    marks[row * width + last] = 1;
  }
  return tf.tensor2d(marks, [rows, width]);
}
