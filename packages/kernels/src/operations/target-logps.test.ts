import { tf } from '@svo/tensor';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectOperation, integers, runs, settings, tensor, values } from '../test-support/backends.ts';
import { numbers, sizes } from '../test-support/random.ts';
import { targetLogpsReference } from '../test-support/reference.ts';
import { targetLogps } from './target-logps.ts';

describe.each(settings)('targetLogps: $name', ({ name, start }) => {
  beforeAll(start);

  it('equals the float64 reference in value and gradient for any sizes', async () => {
    await fc.assert(
      fc.asyncProperty(
        sizes(1, 40),
        sizes(1, 300),
        fc.constantFrom(0.1, 1, 20),
        numbers,
        async (N, V, spread, random) => {
          const [logits, targets, dy] = [random.normal(N * V, spread), random.below(N, V), random.normal(N)];
          await expectOperation(
            (x) => targetLogps(x!, integers(targets)),
            () => [tensor(logits, N, V)],
            dy,
            targetLogpsReference(logits, targets, dy, [N, V]),
            1 + spread,
          );
        },
      ),
      { numRuns: runs(name, 20) },
    );
  });

  it('is not troubled by large logits or an impossible token elsewhere in the row', async () => {
    const logits = [1000, 1000, Number.NEGATIVE_INFINITY, 1000, 1000, 0, 0, 0, 0, 0];
    const [logp] = await values(tf.tidy(() => targetLogps(tensor(logits, 1, 10), integers([1]))));
    expect(logp).toBeCloseTo(-Math.log(4), 5);
  });

  it.runIf(/^(wasm|tensorflow), kernels/.test(name))('refuses a target outside the vocabulary', () => {
    expect(() => targetLogps(tf.zeros([1, 4]), integers([4]))).toThrow(
      /^targetLogps: targets(\[0\])? must lie in 0 … 3, got 4$/,
    );
  });
});
