import { tf } from '../tf.ts';

/** Backends whose tensors lie in memory this process can read without waiting for a device. */
const HOST_BACKENDS: ReadonlySet<string> = new Set(['cpu', 'wasm', 'tensorflow']);

/** The tfjs flag that sends formulas to the device everywhere. */
export const DEVICE_FORMULAS: string = 'SVO_DEVICE_FORMULAS';
tf.env().registerFlag(DEVICE_FORMULAS, () => false);

/**
 * Whether formulas over [B] and [B, S] run here, in float64 on plain arrays, rather than as tensor operations.
 * A tfjs operation costs 3–20 µs to dispatch; a loss on a batch is a few thousand numbers. On cpu, wasm and tensorflow
 * reading them is a copy at most, so one pass here is both faster than ten operations and exact. On a GPU a read
 * would stall the pipeline, so the same formula runs as operations there.
 *
 * The tfjs flag `SVO_DEVICE_FORMULAS` (`tf.env().set('SVO_DEVICE_FORMULAS', true)`) forces operations everywhere.
 */
export function runsOnHost(): boolean {
  return HOST_BACKENDS.has(tf.getBackend()) && !tf.env().getBool(DEVICE_FORMULAS);
}
