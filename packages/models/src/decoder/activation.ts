/** The gate of a feed-forward block. */
import { swiglu } from '@svo/kernels';
import { type Tensor, tf } from '@svo/tensor';
import type { Architecture } from './architecture.ts';

/** ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))): the tanh form of GELU (1606.08415, section 2). */
const geluTanh = (x: Tensor): Tensor => {
  const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
};

/** activation(gate) · up, elementwise. */
export const gated = (activation: Architecture['activation'], gate: Tensor, up: Tensor): Tensor =>
  activation === 'silu' ? swiglu(gate, up) : tf.mul(geluTanh(gate), up);
