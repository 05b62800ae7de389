/** The decoders that transformers' numbers are known for, on TensorFlow and on WebGPU with the fused kernels. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installKernels } from '@svo/kernels';
import { generate, loadPretrained } from '@svo/models';
import { tf, useBackend } from '@svo/tensor';
import { backendsHere } from '@svo/tensor/testing';
import { beforeAll, describe, expect, test } from 'vitest';

const golden = join(import.meta.dirname, 'golden/models');
const folders = readdirSync(golden, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** A software GPU takes seconds for each, so WebGPU gets one folder a family and a few tokens, unless SVO_TEST_FULL is set. */
const families = ['llama3-rope', 'mistral', 'qwen2', 'qwen3-window-biases'];

/** Numbers transformers computed for a folder, in float32 from the stored values. */
interface Expected {
  readonly input_ids: number[][];
  readonly logits_last: number[][];
  readonly logps_next: number[][];
  readonly greedy_from_first_6: number[][];
}

const gap = (actual: readonly number[], expected: readonly number[]): number =>
  Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!)));

for (const { name: backend, reason } of await backendsHere(['tensorflow', 'webgpu'])) {
  const few = backend === 'webgpu' && !process.env.SVO_TEST_FULL;
  describe.skipIf(reason !== undefined)(backend, () => {
    beforeAll(async () => {
      await useBackend(backend);
      expect((await installKernels()).missing).toEqual([]);
    });

    test.each(few ? families : folders)(
      '%s: logits and log-probs to 1e-4, the same greedy tokens, and nothing leaks',
      async (name) => {
        const expected: Expected = JSON.parse(readFileSync(join(golden, name, 'expected.json'), 'utf8'));
        const before = tf.memory().numTensors;
        const { lm, params } = await loadPretrained(join(golden, name));
        const [batch, length] = [expected.input_ids.length, expected.input_ids[0]!.length];
        const [logits, logps] = tf.tidy(() => {
          const ids = tf.tensor2d(expected.input_ids, undefined, 'int32');
          const last = tf.slice(lm.apply(params, ids), [0, length - 1, 0], [batch, 1, -1]);
          return [last, tf.slice(lm.tokenLogps(params, ids), [0, 1], [batch, length - 1])].map((x) =>
            tf.reshape(x, [-1]),
          );
        });
        expect(gap((await logits!.array()) as number[], expected.logits_last.flat())).toBeLessThan(1e-4);
        expect(gap((await logps!.array()) as number[], expected.logps_next.flat())).toBeLessThan(1e-4);
        const prompts = expected.input_ids.map((row) => row.slice(0, 6));
        const maxTokens = few ? 4 : 12;
        const written = await generate(lm, params, prompts, { maxTokens, temperature: 0, stopIds: [] });
        const due = expected.greedy_from_first_6.map((row) => row.slice(0, maxTokens));
        expect(written.map(([continuation]) => continuation!.ids)).toEqual(due);
        tf.dispose([logits, logps, params]);
        expect(tf.memory().numTensors).toBe(before);
      },
    );
  });
}
