import type { Batch } from '@svo/data';
import { type Params, valueNetwork } from '@svo/models';
import { tf } from '@svo/tensor';
import type { Material } from '../plan.ts';

/** Names of the value network's parameters beside the policy's. */
const prefix = 'value_network.';

/** A value network, of the policy's own architecture by default, its parameters kept beside the policy's under names of their own. */
export interface TokenValues {
  /** Fresh parameters, under their prefixed names. The caller disposes them. */
  readonly init: (seed: number) => Params;
  /** V(s_h) [B, T], where s_h is the state in which token h is chosen: the value read at token h − 1; 0 at h = 0. */
  readonly beforeTokens: (params: Params, ids: tf.Tensor) => tf.Tensor;
  /** The value read at each token, [B, T]. */
  readonly atTokens: (params: Params, ids: tf.Tensor) => tf.Tensor;
}

/** @throws RangeError where the policy is on a server and nothing says what a network here should be */
export function tokenValues({ lm, values: given }: Material['learner']): TokenValues {
  const config = given ?? ('config' in lm ? (lm as { config: typeof given }).config : undefined);
  if (config === undefined)
    throw new RangeError(
      'learner.values must be the config of a value network to train here, since the policy is on a server, got none (a small decoder that reads the same ids)',
    );
  const network = valueNetwork(config);
  const atTokens: TokenValues['atTokens'] = (params, ids) => {
    const own = renamed(params, (name) => (name.startsWith(prefix) ? name.slice(prefix.length) : undefined));
    return network.tokenValues(own, ids);
  };
  return {
    atTokens,
    init: (seed) => renamed(network.init(seed), (name) => prefix + name),
    beforeTokens: (params, ids) => {
      const values = atTokens(params, ids);
      const [rows, length] = values.shape as [number, number];
      return tf.concat([tf.zeros([rows, 1]), tf.slice(values, [0, 0], [rows, length - 1])], 1);
    },
  };
}

/** A grid of numbers on the host: what `trainStep` uploads. */
export interface TokenGrid {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** Each row's outcome as the reward of its last scored token, 0 elsewhere, [B, T]. */
export function outcomeAtEnd({ stepIds }: Pick<Batch, 'stepIds'>, outcomes: readonly number[]): TokenGrid {
  const [rows, length] = stepIds.shape as [number, number];
  const data = new Float32Array(rows * length);
  for (let row = 0; row < rows; row++) {
    let last = length - 1;
    while (last > 0 && stepIds.data[row * length + last]! < 0) last--;
    data[row * length + last] = outcomes[row]!;
  }
  return { data, shape: [rows, length] };
}

/** Each step's credit as the reward of the step's last token, 0 elsewhere, [B, T]. */
export function creditsAtStepEnds({ stepIds, credits }: Pick<Batch, 'stepIds' | 'credits'>): TokenGrid {
  const [rows, length] = stepIds.shape as [number, number];
  const steps = credits.shape[1]!;
  const data = new Float32Array(rows * length);
  for (let at = 0; at < data.length; at++) {
    const step = stepIds.data[at]!;
    const following = (at + 1) % length === 0 ? -1 : stepIds.data[at + 1]!;
    if (step >= 0 && following !== step) data[at] = credits.data[Math.floor(at / length) * steps + step]!;
  }
  return { data, shape: [rows, length] };
}

const renamed = (params: Params, rename: (name: string) => string | undefined): Params =>
  Object.fromEntries(
    Object.entries(params).flatMap(([name, tensor]) => {
      const other = rename(name);
      return other === undefined ? [] : [[other, tensor]];
    }),
  );
