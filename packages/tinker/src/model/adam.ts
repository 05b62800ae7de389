import { assertOptions } from '@svo/mdp';

/** One AdamW update, with the defaults of `adamw` of `@svo/train`. All of them are sent, whatever the server's own are. */
export interface AdamStep {
  readonly learningRate: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
}

/** The protocol's `adam_params`, checked. */
export function adamParams(caller: string, adam: AdamStep): Readonly<Record<string, number>> {
  assertOptions(caller, adam, ['learningRate', 'beta1', 'beta2', 'epsilon', 'weightDecay']);
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 } = adam;
  const inRange = (name: string, value: number, holds: boolean, range: string): void => {
    if (!(holds && Number.isFinite(value))) throw new RangeError(`${caller}: ${name} must be ${range}, got ${value}`);
  };
  inRange('learningRate', learningRate, learningRate >= 0, 'finite and ≥ 0');
  inRange('beta1', beta1, beta1 >= 0 && beta1 < 1, 'in [0, 1)');
  inRange('beta2', beta2, beta2 >= 0 && beta2 < 1, 'in [0, 1)');
  inRange('epsilon', epsilon, epsilon >= 0, '≥ 0');
  inRange('weightDecay', weightDecay, weightDecay >= 0, '≥ 0');
  return { learning_rate: learningRate, beta1, beta2, eps: epsilon, weight_decay: weightDecay };
}
