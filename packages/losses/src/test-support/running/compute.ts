import { type Tensor, tf } from '@svo/tensor';
import type { Term } from '../../formula/term.ts';
import { defineOperation } from '../../manifest/define-operation.ts';
import { type Arrays, isMatrix, readAll, toTensor } from '../cases/arrays.ts';

/** What a formula of vectors [B] and matrices [B, S] comes to, on this run's backend. */
export async function compute<K extends string>(
  inputs: Readonly<Record<K, Arrays[string]>>,
  formula: (x: Readonly<Record<K, Term>>) => Term,
): Promise<number[]> {
  const specs = Object.fromEntries(
    Object.entries<Arrays[string]>(inputs).map(([name, array]) => [
      name,
      { shape: isMatrix(array) ? 'B S' : 'B', kind: 'values' } as const,
    ]),
  );
  const run = defineOperation<Record<K, Tensor>, object>(
    { name: 'compute', inputs: specs, options: {} },
    formula as never,
  );
  const tensors = (): Record<K, Tensor> =>
    Object.fromEntries(
      Object.entries<Arrays[string]>(inputs).map(([name, array]) => [name, toTensor(array)]),
    ) as Record<K, Tensor>;
  return (await readAll(() => [tf.clone(run(tensors()))]))[0]!;
}
