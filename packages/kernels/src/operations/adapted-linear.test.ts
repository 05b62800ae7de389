import { reverseMode, ShapeError, tf } from '@svo/tensor';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectOperation, runs, settings, tensor, values } from '../test-support/backends.ts';
import { numbers, sizes } from '../test-support/random.ts';
import { createRandom } from '../test-support/random-numbers.ts';
import { linearReference, type Numbers } from '../test-support/reference.ts';
import { adaptedLinear } from './adapted-linear.ts';

/** Three linear layers and a sum, in float64: x Wᵀ + b + (s x Aᵀ) Bᵀ. */
function reference(
  [x, w, a, b, bias]: [Numbers, Numbers, Numbers, Numbers, Numbers],
  scale: number,
  dy: Numbers,
  [N, K, M, r]: [number, number, number, number],
) {
  const none = (count: number) => new Array<number>(count).fill(0);
  const base = linearReference(x, w, bias, dy, [N, K, M]);
  const { value: low } = linearReference(x, a, none(r), none(N * r), [N, K, r]);
  const scaled = low.map((v) => v * scale);
  const high = linearReference(scaled, b, none(M), dy, [N, r, M]);
  const dLow = high.gradients[0]!.map((v) => v * scale);
  const down = linearReference(x, a, none(r), dLow, [N, K, r]);
  return {
    value: base.value.map((v, i) => v + high.value[i]!),
    gradients: [
      base.gradients[0]!.map((v, i) => v + down.gradients[0]![i]!),
      ...[base.gradients[1]!, down.gradients[1]!, high.gradients[1]!, base.gradients[2]!],
    ],
  };
}

describe.each(settings)('adaptedLinear: $name', ({ name, start }) => {
  beforeAll(start);

  it('equals the float64 reference in value and gradient for any sizes', async () => {
    await fc.assert(
      fc.asyncProperty(
        ...([sizes(1, 70), sizes(1, 50), sizes(1, 40), sizes(1, 9)] as const),
        numbers,
        async (N, K, M, r, random) => {
          const [x, w, a] = [random.normal(N * K), random.normal(M * K), random.normal(r * K)];
          const [b, bias, dy] = [random.normal(M * r), random.normal(M), random.normal(N * M)];
          await expectOperation(
            (rows, weight, down, up, added) =>
              adaptedLinear(rows!, { weight: weight!, down: down!, up: up!, bias: added, scale: 1.5 }),
            () => [tensor(x, N, K), tensor(w, M, K), tensor(a, r, K), tensor(b, M, r), tensor(bias, M)],
            dy,
            reference([x, w, a, b, bias], 1.5, dy, [N, K, M, r]),
            // Sums of r·K products of three normals: rounding starts at their size.
            Math.sqrt(r * K) * 3,
          );
        },
      ),
      { numRuns: runs(name, 15) },
    );
  });

  it('computes the gradients that are wanted, and the same ones', async () => {
    const random = createRandom(8);
    const [x, weight] = [tensor(random.normal(12 * 10), 12, 10), tensor(random.normal(70), 7, 10)];
    const [down, up] = [tensor(random.normal(20), 2, 10), tensor(random.normal(14), 7, 2)];
    const f = () => tf.sum(tf.square(adaptedLinear(x, { weight, down, up, scale: 2 })));
    const before = tf.memory().numTensors;
    const all = reverseMode(f, [x, weight, down, up]);
    const some = reverseMode(f, [down, up]);
    const [, , dDown, dUp] = await Promise.all(all.gradients.map((gradient) => gradient!.data()));
    expect(await values(some.gradients[0]!)).toEqual(Array.from(dDown!));
    expect(await values(some.gradients[1]!)).toEqual(Array.from(dUp!));
    tf.dispose([all.value, some.value, ...(all.gradients as tf.Tensor[])]);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, weight, down, up]);
  });
});

describe('adaptedLinear: errors', () => {
  it('names the argument that is wrong', () => {
    const [weight, down, up] = [tf.zeros([4, 3]), tf.zeros([2, 3]), tf.zeros([4, 1])];
    expect(() => adaptedLinear(tf.zeros([5, 3]), { weight, down, up, scale: 1 })).toThrow(ShapeError);
    expect(() => adaptedLinear(tf.zeros([5, 3]), { weight, down, up, scale: 1 })).toThrow(
      'adaptedLinear: up must have shape [4, 2], got [4, 1]',
    );
    expect(() => adaptedLinear(tf.zeros([5, 3]), { weight, down, up: tf.zeros([4, 2]), scale: Number.NaN })).toThrow(
      'adaptedLinear: scale must be a finite number, got NaN',
    );
  });
});
