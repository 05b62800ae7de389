import { peek } from '../../backend/internals.ts';
import { ShapeError } from '../../shapes/shape-error.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { Arithmetic } from '../arithmetic.ts';
import type { Results, Wanted } from '../wanted.ts';
import { exchange } from './exchange.ts';
import type { Machine } from './machine.ts';
import { programOf } from './program.ts';
import { record, type Value } from './record.ts';
import { SCALAR_BYTES } from './schedule.ts';

/**
 * Runs a formula over tensors' numbers in the vector machine.
 *
 * @throws ShapeError for a tensor of more than two dimensions, or of another number of columns
 */
export function runFormula<K extends string>(
  machine: Machine,
  inputs: Readonly<Record<K, Tensor>>,
  columns: number,
  formula: <A>(math: Arithmetic<A>, x: Readonly<Record<K, A>>) => Wanted<A>,
): Results {
  const recording = record();
  let { free } = machine;
  const reserve = (numbers: number): number => {
    const address = free;
    free += (numbers * 4 + 63) & ~63;
    return address;
  };
  const x = {} as Record<K, Value>;
  const loads: { tensor: Tensor; address: number }[] = [];
  for (const name in inputs) {
    const tensor = inputs[name];
    if (tensor.rank > 2 || (tensor.rank === 2 && tensor.shape[1] !== columns))
      throw new ShapeError(
        `closedForm: ${name} must be a scalar, a vector [R] or a matrix [R, ${columns}], got shape [${tensor.shape.join(', ')}]`,
      );
    if (tensor.rank === 0) x[name] = recording.value(peek(tensor)[0]);
    else {
      const address = reserve(tensor.size);
      loads.push({ tensor, address });
      x[name] = recording.input(address, tensor.rank, tensor.shape[0]);
    }
  }
  const { scalar, arrays } = formula(recording.math, x);
  const result = recording.value(scalar);
  const stores = arrays.map(({ value, shape }) => {
    const address = reserve(tf.util.sizeFromShape([...shape]));
    recording.output(value, address, shape.length, shape[0] ?? 1);
    return { address, shape };
  });

  const program = programOf(recording, result, columns, free);
  machine.reserve(program.end);
  const { bring, take } = exchange(machine);
  const { buffer } = machine.memory;
  for (const { tensor, address } of loads) bring(tensor, address);
  const scalars = new Float64Array(buffer, program.scalars, (recording.values.length * SCALAR_BYTES) / 8);
  const set = (id: number, number: number): void => {
    const at = (id * SCALAR_BYTES) / 8;
    scalars[at] = number;
    scalars[at + 1] = number;
  };
  for (const id of program.constants) set(id, recording.values[id].data);
  for (const id of program.sums) set(id, 0);
  new Int32Array(buffer, program.start, program.code.length).set(program.code);
  for (const { start, count, rows, blockRows } of program.passes) machine.run(start, count, rows, columns, blockRows);

  return {
    scalar: scalars[(result.id * SCALAR_BYTES) / 8],
    arrays: stores.map(({ address, shape }) => take(address, shape)),
  };
}
