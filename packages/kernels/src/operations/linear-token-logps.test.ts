import { reverseMode, tf } from '@svo/tensor';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectOperation, integers, runs, settings, tensor, values } from '../test-support/backends.ts';
import { numbers, sizes } from '../test-support/random.ts';
import { createRandom } from '../test-support/random-numbers.ts';
import { linearReference, type Numbers, targetLogpsReference } from '../test-support/reference.ts';
import { linearTokenLogps } from './linear-token-logps.ts';

/** The chain of the two references. */
function reference(x: Numbers, w: Numbers, targets: Numbers, dy: Numbers, [N, K, V]: [number, number, number]) {
  const zeros = new Array<number>(V).fill(0);
  const { value: logits } = linearReference(x, w, zeros, new Array<number>(N * V).fill(0), [N, K, V]);
  const { value, gradients } = targetLogpsReference(logits, targets, dy, [N, V]);
  return { value, gradients: linearReference(x, w, zeros, gradients[0]!, [N, K, V]).gradients.slice(0, 2) };
}

describe.each(settings)('linearTokenLogps: $name', ({ name, start }) => {
  beforeAll(start);

  it('equals the float64 reference in value and gradient for any sizes', async () => {
    await fc.assert(
      fc.asyncProperty(sizes(1, 49), sizes(1, 33), sizes(1, 70), numbers, async (N, K, V, random) => {
        const [x, w, targets, dy] = [random.normal(N * K), random.normal(V * K), random.below(N, V), random.normal(N)];
        await expectOperation(
          (a, b) => linearTokenLogps(a!, b!, integers(targets)),
          () => [tensor(x, N, K), tensor(w, V, K)],
          dy,
          reference(x, w, targets, dy, [N, K, V]),
        );
      }),
      { numRuns: runs(name, 15) },
    );
  });

  it('gives a frozen head no gradient, and the rows the same one', async () => {
    const [N, K, V] = [11, 6, 300];
    const random = createRandom(5);
    const [x, w] = [tensor(random.normal(N * K), N, K), tensor(random.normal(V * K), V, K)];
    const targets = integers(random.below(N, V));
    const f = () => tf.sum(linearTokenLogps(x, w, targets));
    const before = tf.memory().numTensors;
    const [both, rows] = [reverseMode(f, [x, w]), reverseMode(f, [x])];
    expect(await values(rows.gradients[0]!)).toEqual(Array.from(await both.gradients[0]!.data()));
    tf.dispose([both.value, rows.value, ...(both.gradients as tf.Tensor[])]);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, w, targets]);
  });

  // Five million logits would take a minute on the others: cpu runs the composite as wasm does, webgpu/head.test.ts takes smaller blocks.
  it.runIf(/^(wasm|tensorflow)/.test(name))('adds up over several blocks of rows', async () => {
    // 2²¹ / 50 000 rounds to 41 rows a block on wasm, 83 for the composite: 100 rows take several.
    const [N, K, V] = [100, 2, 50_000];
    const random = createRandom(3);
    const [x, w, targets] = [random.normal(N * K), random.normal(V * K), random.below(N, V)];
    const gaps = tf.tidy(() => {
      const [all, halves] = [
        [0, N],
        [0, N / 2, N],
      ].map((cuts) => {
        const total = tf.grads((a, b) =>
          cuts
            .slice(1)
            .map((to, i) =>
              tf.sum(
                linearTokenLogps(
                  tf.slice(a!, [cuts[i]!, 0], [to - cuts[i]!, K]),
                  b!,
                  integers(targets.slice(cuts[i], to)),
                ),
              ),
            )
            .reduce((p, q) => tf.add(p, q)),
        );
        return total([tensor(x, N, K), tensor(w, V, K)]);
      });
      return all!.map((gradient, i) => tf.max(tf.abs(tf.sub(gradient, halves![i]!))));
    });
    for (const gap of gaps) expect((await values(gap))[0]).toBeLessThan(2e-5);
  });
});
