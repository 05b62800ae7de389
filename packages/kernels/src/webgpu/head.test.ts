import { useBackend, webgpuDevice } from '@svo/tensor';
import { beforeAll, describe, expect, it } from 'vitest';
import { installKernels } from '../install.ts';
import { linearTokenLogps } from '../operations/linear-token-logps.ts';
import { register } from '../registry.ts';
import { expectOperation, hasBackend, integers, tensor } from '../test-support/backends.ts';
import { createRandom } from '../test-support/random-numbers.ts';
import { linearReference, targetLogpsReference } from '../test-support/reference.ts';
import { headKernels } from './head.ts';

describe.skipIf(!hasBackend('webgpu'))('the head on webgpu', () => {
  beforeAll(async () => {
    await useBackend('webgpu');
    await installKernels();
  });

  it('goes through rows in blocks, the last one shorter, and adds up the gradient of its weight', async () => {
    // 100 logits at once: 2 rows of 37 tokens, four blocks for 7 rows.
    for (const [name, run] of Object.entries(headKernels(webgpuDevice(), 100))) register(name, 'webgpu', run);
    const [N, K, V] = [7, 5, 37];
    const random = createRandom(4);
    const [x, w, targets, dy] = [random.normal(N * K), random.normal(V * K), random.below(N, V), random.normal(N)];
    const zeros = new Array<number>(V).fill(0);
    const { value: logits } = linearReference(x, w, zeros, new Array<number>(N * V).fill(0), [N, K, V]);
    const { value, gradients } = targetLogpsReference(logits, targets, dy, [N, V]);
    const due = linearReference(x, w, zeros, gradients[0]!, [N, K, V]).gradients.slice(0, 2);
    await expectOperation(
      (a, b) => linearTokenLogps(a!, b!, integers(targets)),
      () => [tensor(x, N, K), tensor(w, V, K)],
      dy,
      { value, gradients: due },
    );
    expect((await installKernels()).missing).toEqual([]);
  });
});
