/**
 * Peak tensor memory of a loss from logits, forward and backward: DVO at 10 steps through `stepLogps` (a segment sum), plain DPO on
 * the same tokens, and DVO with the logits expanded once a step, as the public code does it.
 *
 *   node --conditions=@svo/source benchmarks/losses/memory.ts
 *
 * Bytes are tfjs's own count of live tensors (`tf.memory().numBytes`), sampled at every kernel call, so the figure does not depend
 * on the machine. Writes benchmarks/results/losses-memory.json.
 */
import { dpoLoss, dvoLoss } from '@svo/losses';
import {
  type Scalar,
  sequenceLogps,
  stepLogps,
  type Tensor,
  tf,
  tokenLogps,
  useBackend,
  valueAndGrads,
} from '@svo/tensor';
import { writeResults } from '../results.ts';

const [B, T, V, S] = [8, 160, 1024, 10];
await useBackend('wasm', { threads: 1 });

const logits = tf.randomNormal([B, T, V], 0, 1, 'float32', 7);
const ids = tf.randomUniform([B, T], 0, V, 'int32', 8);
const stepIds = tf.tensor2d(
  Array.from({ length: B }, () => Array.from({ length: T }, (_, t) => Math.floor((t * S) / T))),
  [B, T],
  'int32',
);
const ones = (shape: [number, number]): Tensor => tf.ones(shape);
const zeros = (shape: number[]): Tensor => tf.zeros(shape);

/** Rows 2i are chosen, 2i + 1 rejected: the same tokens, read as pairs. */
const side = (logps: Tensor, which: 0 | 1): Tensor =>
  tf.reshape(tf.slice(tf.reshape(logps, [B / 2, 2]), [0, which], [B / 2, 1]), [B / 2]);

const ways: Readonly<Record<string, (z: Tensor) => Scalar>> = {
  'DPO, whole responses': (z) => {
    const logps = sequenceLogps(tokenLogps(z, ids), ones([B, T]));
    return dpoLoss({
      policyChosenLogps: side(logps, 0),
      policyRejectedLogps: side(logps, 1),
      referenceChosenLogps: zeros([B / 2]),
      referenceRejectedLogps: zeros([B / 2]),
    });
  },
  'DVO, 10 steps by segment sum': (z) =>
    dvoLoss({
      policyLogps: stepLogps(tokenLogps(z, ids), stepIds, S),
      referenceLogps: zeros([B, S]),
      credits: zeros([B, S]),
      mask: ones([B, S]),
    }),
  'DVO, logits expanded once a step': (z) => {
    // [B·S, T, V]: every step gets its own copy of its sequence's logits, and masks all other tokens.
    const wide = tf.reshape(tf.tile(tf.expandDims(z, 1), [1, S, 1, 1]), [B * S, T, V]);
    const wideIds = tf.reshape(tf.tile(tf.expandDims(ids, 1), [1, S, 1]), [B * S, T]);
    const number = tf.reshape(tf.tile(tf.reshape(tf.range(0, S, 1, 'int32'), [1, S, 1]), [B, 1, T]), [B * S, T]);
    const own = tf.cast(
      tf.equal(number, tf.reshape(tf.tile(tf.expandDims(stepIds, 1), [1, S, 1]), [B * S, T])),
      'float32',
    );
    const logps = tf.reshape(sequenceLogps(tokenLogps(wide, tf.cast(wideIds, 'int32')), own), [B, S]);
    return dvoLoss({ policyLogps: logps, referenceLogps: zeros([B, S]), credits: zeros([B, S]), mask: ones([B, S]) });
  },
};

/** Highest live bytes above what the inputs take, over one forward and backward. */
function peakBytes(loss: (z: Tensor) => Scalar): { peak: number; milliseconds: number } {
  const before = tf.memory().numBytes;
  let peak = 0;
  const engine = tf.engine() as unknown as { makeTensorFromTensorInfo: (...args: unknown[]) => Tensor };
  const original = engine.makeTensorFromTensorInfo;
  engine.makeTensorFromTensorInfo = function watched(...args: unknown[]): Tensor {
    const tensor = original.apply(engine, args);
    peak = Math.max(peak, tf.memory().numBytes - before);
    return tensor;
  };
  const start = performance.now();
  const { value, gradients } = valueAndGrads(({ z }) => loss(z), { z: logits as Tensor });
  value.dataSync();
  const milliseconds = performance.now() - start;
  engine.makeTensorFromTensorInfo = original;
  value.dispose();
  gradients.z.dispose();
  return { peak, milliseconds };
}

const results = Object.fromEntries(
  Object.entries(ways).map(([name, loss]) => {
    tf.tidy(() => loss(logits));
    return [name, peakBytes(loss)];
  }),
);
const base = results['DPO, whole responses']!;
console.table(
  Object.fromEntries(
    Object.entries(results).map(([name, { peak, milliseconds }]) => [
      name,
      { 'peak MB': (peak / 1e6).toFixed(1), 'times DPO': (peak / base.peak).toFixed(2), ms: milliseconds.toFixed(0) },
    ]),
  ),
);
writeResults('losses-memory', {
  what: 'peak bytes of live tensors, forward and backward from logits, above the inputs',
  ...{ shape: { B, T, V, S }, backend: 'wasm', node: process.version, results },
});
process.exit(0);
