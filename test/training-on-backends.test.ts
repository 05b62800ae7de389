/** The decoder, the data and the loop together on every backend that starts here, with its fused kernels. */
import { createHash } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Batch, batches, type Cursor, type Example } from '@svo/data';
import { storedNumbers } from '@svo/files';
import { installKernels } from '@svo/kernels';
import { dvoLoss } from '@svo/losses';
import { applyLora, type CausalLm, causalLm, generate, initLora, loadPretrained, savePretrained } from '@svo/models';
import { type BackendName, type Params, stepLogps, tf, useBackend, valueAndGrads } from '@svo/tensor';
import { backendsHere } from '@svo/tensor/testing';
import {
  accumulate,
  adamw,
  chain,
  clipByGlobalNorm,
  initialTrainState,
  type LossFunction,
  loadCheckpoint,
  saveCheckpoint,
  sgd,
  type TrainState,
  train,
  trainStep,
} from '@svo/train';
import { beforeAll, describe, expect, it } from 'vitest';

const modelOf = (layers: number) =>
  causalLm({
    model_type: 'qwen3',
    vocab_size: 32,
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: layers,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    head_dim: 8,
  });
/** Rows of 6 tokens and more, `lengths` different ones, so that shapes change from batch to batch. */
const rowsOf = (count: number, lengths: number): Example[] =>
  Array.from({ length: count }, (_, i) => ({
    ids: Array.from({ length: 6 + (i % lengths) }, (_, t) => (i * 5 + t * 3) % 32),
    stepIds: Array.from({ length: 6 + (i % lengths) }, (_, t) => (t < 3 ? -1 : Math.floor((t - 3) / 3))),
    credits: Array.from({ length: Math.ceil((3 + (i % lengths)) / 3) }, (_, s) => ((i + s) % 3) / 2 - 0.5),
    terminal: true,
    referenceLogps: Array.from({ length: Math.ceil((3 + (i % lengths)) / 3) }, () => -9),
  }));
const optimizer = chain(clipByGlobalNorm(1), adamw({ learningRate: 5e-3 }));
const lossOf =
  (lm: CausalLm): LossFunction<Batch> =>
  (params, { ids, stepIds, ...batch }, { host, normalizer }) =>
    dvoLoss(
      {
        ...batch,
        policyLogps: stepLogps(lm.tokenLogps(params, ids, { scored: host.stepIds }), stepIds, batch.mask.shape[1]!),
      },
      normalizer === undefined ? {} : { normalizer },
    );

/** How much of it a backend gets. */
interface Plan {
  /** Steps of the run whose tensors are counted (packages/train runs 1,000 smaller ones on each). */
  readonly watched: number;
  /** Steps of the run that is resumed, and where. */
  readonly run: number;
  readonly stops: readonly number[];
  /** Rows of data and their different lengths: tfjs compiles shaders for each shape. */
  readonly rows: number;
  readonly lengths: number;
  /** A second layer runs the first one's operations again. */
  readonly layers: number;
}

const whole = process.env.SVO_EVERY_PLACE !== undefined;

/** `pnpm fuzz` resumes after every step, `npm test` after the first, within an epoch, at its end, and after the last but one. */
const fast: Plan = whole
  ? { watched: 400, run: 10, stops: [1, 2, 3, 4, 5, 6, 7, 8, 9], rows: 24, lengths: 9, layers: 2 }
  : { watched: 40, run: 10, stops: [1, 3, 5, 9], rows: 24, lengths: 9, layers: 2 };
/** By their speed. */
const plans: Readonly<Partial<Record<BackendName, Plan>>> = {
  cpu: { watched: 10, run: 4, stops: [2], rows: 24, lengths: 9, layers: whole ? 2 : 1 },
  wasm: fast,
  tensorflow: { ...fast, watched: fast.watched / 4 },
  webgpu: { watched: 4, run: 3, stops: [2], rows: 10, lengths: 1, layers: whole ? 2 : 1 },
};

/** The other backends are held to them in packages/models, WebGPU's products with such matrices in packages/kernels in every run. */
const frozenWidths = (name: BackendName): readonly ('stored' | 'int8' | 'int4')[] =>
  name === 'webgpu' ? ['stored', 'int8', 'int4'] : [];

function* firstOf<T>(count: number, all: Iterable<T>): Generator<T> {
  let left = count;
  for (const one of all) {
    if (left-- <= 0) return;
    yield one;
  }
}

/** A digest of every weight's bits after a run, and where the run stands. */
const fingerprint = async ({ params, step: steps, tokens, cursor }: TrainState): Promise<object> => {
  const hash = createHash('sha256');
  for (const tensor of Object.values(params)) hash.update(new Uint8Array((await tensor.data()).slice().buffer));
  return { weights: hash.digest('hex'), steps, tokens, cursor };
};

for (const { name, reason } of await backendsHere(['cpu', 'wasm', 'tensorflow', 'webgpu']))
  describe.skipIf(reason !== undefined)(`training on ${name}`, () => {
    beforeAll(async () => {
      await useBackend(name, name === 'wasm' ? { threads: 2 } : {});
      await installKernels();
    });

    const { watched, run, stops, rows, lengths, layers } = plans[name]!;
    const lm = modelOf(layers);
    const loss = lossOf(lm);
    const step = trainStep<Batch>(loss, optimizer);
    const examples = rowsOf(rows, lengths);
    const data = (steps: number, cursor?: Cursor): Iterable<Batch> =>
      firstOf(steps, batches(examples, { batchSize: 5, seed: 2, epochs: 1000, padId: 0, ...(cursor && { cursor }) }));

    it(`the loss falls, and the same tensors are there after each of ${watched} steps`, async () => {
      const losses: number[] = [];
      const tensors = new Set<number>();
      const bytes = new Set<number>();
      for await (const { state, report } of train(initialTrainState(lm.init(1), optimizer), data(watched), step)) {
        losses.push(report.loss);
        // The shapes of batches repeat with the epochs, so what is held between steps must not change.
        if (state.step > 1) {
          tensors.add(tf.memory().numTensors);
          bytes.add(tf.memory().numBytes);
        }
      }
      expect(losses).toHaveLength(watched);
      expect([tensors.size, bytes.size]).toEqual([1, 1]);
      const mean = (some: readonly number[]): number => some.reduce((a, b) => a + b, 0) / some.length;
      // An epoch each: the same rows, before and after.
      const epoch = Math.ceil(rows / 5);
      expect(mean(losses.slice(-epoch))).toBeLessThan(mean(losses.slice(0, epoch)));
    });

    it('resumed after any step, in the middle of an epoch too, ends with the very bits of a straight run', async () => {
      const dir = await mkdtemp(join(tmpdir(), 'svo-resume-'));
      const finish = async (start: TrainState, from: Iterable<Batch>, save = false): Promise<TrainState> => {
        let last = start;
        for await (const { state } of train(start, from, step)) {
          last = state;
          if (save) await saveCheckpoint(join(dir, String(state.step)), state);
        }
        return last;
      };
      const straight = await finish(initialTrainState(lm.init(1), optimizer), data(run), true);
      expect(straight.step).toBe(run);
      for (const at of stops) {
        const resumed = await loadCheckpoint(join(dir, String(at)));
        const ended = await finish(resumed, data(run - at, resumed.cursor as unknown as Cursor));
        expect(await fingerprint(ended), `resumed after step ${at}`).toEqual(await fingerprint(straight));
      }
    });

    it.skipIf(!whole).each(frozenWidths(name))(
      'adapters over frozen weights, %s: gradients and tokens of the float32 model they stand for (pnpm fuzz)',
      async (weights) => {
        const folder = await mkdtemp(join(tmpdir(), 'svo-frozen-'));
        const fresh = lm.init(1);
        await savePretrained(folder, { lm, params: fresh, dtype: 'BF16' });
        tf.dispose(fresh);
        const before = tf.memory().numTensors;
        const frozen = await loadPretrained(folder, { weights });
        const matrices = Object.entries(frozen.lm.decoder.frozen).map(
          ([key, matrix]) => [key, tf.tensor2d(storedNumbers(matrix), [...matrix.shape])] as const,
        );
        const thawed = { ...frozen.params, ...Object.fromEntries(matrices) };
        const lora = { rank: 2, alpha: 3 };
        const adapters = initLora(lm, lora, 1);
        for (const [key, zeros] of Object.entries(adapters).filter(([key]) => key.endsWith('lora_B.weight'))) {
          adapters[key] = tf.fill(zeros.shape, 0.01);
          zeros.dispose();
        }
        const outcome = async (base: CausalLm, params: Params) => {
          const model = applyLora(base, lora);
          const ids = tf.tensor2d([[3, 9, 4, 7, 1, 30]], undefined, 'int32');
          const { value, gradients } = valueAndGrads(
            (trained) => tf.sum(tf.square(model.tokenLogps({ ...params, ...trained }, ids))) as tf.Scalar,
            adapters,
          );
          const numbers = await Promise.all(
            [value, ...Object.values(gradients)].map(async (one) => [...(await one.data())]),
          );
          tf.dispose([ids, value, gradients]);
          const options = { maxTokens: 3, temperature: 0, stopIds: [] };
          const written = await generate(model, { ...params, ...adapters }, [[3, 9, 4]], options);
          return { numbers, written: written.flat().map(({ ids: tokens }) => tokens) };
        };
        const [mine, theirs] = [await outcome(frozen.lm, frozen.params), await outcome(lm, thawed)];
        expect(mine.written).toEqual(theirs.written);
        theirs.numbers.forEach((due, which) => {
          const size = Math.max(1e-3, ...due.map(Math.abs));
          expect(Math.max(...due.map((value, i) => Math.abs(value - mine.numbers[which]![i]!))) / size).toBeLessThan(
            1e-5,
          );
        });
        tf.dispose([thawed, adapters]);
        expect(tf.memory().numTensors).toBe(before);
      },
    );

    it('micro-batches add up to the update of the big batch', async () => {
      const weightsAfter = async (batchSize: number, window: number): Promise<number[]> => {
        let last: TrainState | undefined;
        const order = { batchSize, seed: 2, epochs: 1, padId: 0, shuffled: false };
        const some = examples.slice(0, 10);
        const plain = sgd({ learningRate: 0.1 });
        const counted = trainStep<Batch>(loss, plain, { count: ({ ids }) => ids.shape[0]! });
        const start = initialTrainState(lm.init(1), plain);
        for await (const { state } of train(start, accumulate(batches(some, order), window), counted)) last = state;
        const all = await Promise.all(Object.values(last!.params).map((tensor) => tensor.data()));
        return all.flatMap((values) => [...values]);
      };
      const [big, small] = [await weightsAfter(10, 1), await weightsAfter(5, 2)];
      expect(Math.max(...big.map((value, i) => Math.abs(value - small[i]!)))).toBeLessThan(2e-6);
    });
  });
