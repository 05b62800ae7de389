import { type Tensor, tf } from '../tf.ts';
import type { Arithmetic } from './arithmetic.ts';
import { type HostValue, hostArithmetic } from './host-arithmetic.ts';
import { mapValues, readHost } from './host-values.ts';
import { vectorMachine } from './vector/machine.ts';
import { runFormula } from './vector/run.ts';
import type { Results, Wanted } from './wanted.ts';

/** Runs a formula in float64 on this machine: in the vector machine where the engine can, otherwise on plain arrays. */
export function computeOnHost<K extends string>(
  inputs: Readonly<Record<K, Tensor>>,
  columns: number,
  formula: <A>(math: Arithmetic<A>, x: Readonly<Record<K, A>>) => Wanted<A>,
): Results {
  const machine = vectorMachine();
  if (machine !== undefined) return runFormula(machine, inputs, columns, formula);
  return computePlainly(inputs, columns, formula);
}

/** The same on plain arrays. */
export function computePlainly<K extends string>(
  inputs: Readonly<Record<K, Tensor>>,
  columns: number,
  formula: <A>(math: Arithmetic<A>, x: Readonly<Record<K, A>>) => Wanted<A>,
): Results {
  const { scalar, arrays } = formula<HostValue>(hostArithmetic(columns), mapValues(inputs, readHost));
  return {
    scalar: scalar as number,
    arrays: arrays.map(({ value, shape }) => {
      if (typeof value === 'number') return tf.fill([...shape], value);
      return tf.tensor(new Float32Array(value), [...shape], 'float32');
    }),
  };
}
