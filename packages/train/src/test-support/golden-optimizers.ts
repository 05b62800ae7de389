/** The torch recording (`golden/optimizers.json`, made by `optimizers.py` beside it) and the formulas both sides share. */
import { readFileSync } from 'node:fs';
import { type Tensor, tf } from '@svo/tensor';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { Params } from '../types.ts';

type Named = Readonly<Record<'weight' | 'norm', readonly number[]>>;
export interface Recorded {
  readonly params: Named;
  readonly exp_avg?: Named;
  readonly exp_avg_sq?: Named;
  readonly norm?: number;
}
type Runs = 'adamw' | 'adamwGroups' | 'adamwClipped' | 'sgd' | 'sgdMomentum';

export const golden = JSON.parse(readFileSync(new URL('../../golden/optimizers.json', import.meta.url), 'utf8')) as {
  readonly [run in Runs]: Readonly<Record<string, Recorded>>;
} & { readonly linearWarmup: readonly number[]; readonly cosineWarmup: readonly number[] };

const shapes = { weight: [3, 4], norm: [5] } as const;
const fill = (name: 'weight' | 'norm', value: (i: number) => number): Tensor => {
  const shape = [...shapes[name]];
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => value(i)),
    shape,
  );
};
const both = (make: (name: 'weight' | 'norm') => Tensor): Params => ({ weight: make('weight'), norm: make('norm') });

const startParams = (): Params => both((name) => fill(name, (i) => (((7 * i + name.length) % 13) - 6) / 8));
const gradientsAt = (step: number): Params =>
  both((name) => fill(name, (i) => (((37 * i + 91 * step + name.length) % 101) - 50) / 64));

/** Runs an optimizer over the recorded gradients and hands over parameters and state after each step. */
export async function replay(
  optimizer: Optimizer,
  steps: number,
  look: (step: number, params: Params, state: Readonly<Record<string, unknown>>) => Promise<void>,
): Promise<void> {
  let params = startParams();
  let state = optimizer.init(params);
  for (let step = 0; step < steps; step++) {
    ({ params, state } = optimizer.update({ gradients: gradientsAt(step), params, state, step }));
    await look(step + 1, params, state);
  }
}

/** The largest distance between a record of tensors and recorded numbers. */
export async function distance(params: Params, expected: Named): Promise<number> {
  const gaps = await Promise.all(
    Object.entries(expected).map(async ([name, numbers]) => {
      const values = await params[name]!.data();
      return Math.max(...numbers.map((number, i) => Math.abs(number - values[i]!)));
    }),
  );
  return Math.max(...gaps);
}
