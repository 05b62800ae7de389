/** A formula as tensor operations is what the loops make of it, an operation a case. */
import { type Tensor, tf } from '@svo/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAll } from '../test-support/cases/arrays.ts';
import { drawn, formulas, options, runOnHost, sizes } from '../test-support/cases/formula-cases.ts';
import { cases, onBackend } from '../test-support/running/backend.ts';
import { isClose } from '../test-support/running/close.ts';
import { runOnDevice } from './device.ts';
import { differentiate } from './differentiate.ts';
import { withSharedParts } from './shared.ts';

onBackend('formulas as tensor operations', () => {
  test.each(Object.entries(formulas))('law: %s and its gradients, as the loops give them', (_name, value) => {
    const gradients = differentiate(value);
    const shared = withSharedParts([value, ...gradients.values()]);
    const names = ['value', ...[...gradients.keys()].map((name) => `gradient on ${name}`)];
    return fc.assert(
      fc.asyncProperty(drawn, async (given) => {
        const wanted = runOnHost([value, ...gradients.values()], given);
        const got = await readAll(() => {
          const inputs = Object.fromEntries(
            Object.entries(given).map(([name, row]) => [name, tf.tensor(row, name === 'r' ? [2] : [2, 4]) as Tensor]),
          );
          return runOnDevice(shared, { sizes, options, inputs });
        });
        wanted.forEach((row, k) => {
          const largest = Math.max(1, ...row.map(Math.abs));
          const at = row.findIndex((number, i) => !isClose(got[k]![i] ?? got[k]![0]!, number, 1e-4, 1e-5 * largest));
          if (at >= 0) expect.fail(`${names[k]}[${at}]: tensors ${got[k]![at]}, loops ${row[at]}`);
        });
      }),
      { numRuns: cases(10) },
    );
  });
});
