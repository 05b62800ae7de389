import { type Tensor, tf } from '@svo/tensor';

/** gate · σ(gate) · up, elementwise: plain tfjs, on every backend. */
export function swigluComposite(gate: Tensor, up: Tensor): Tensor {
  return tf.mul(tf.mul(gate, tf.sigmoid(gate)), up);
}
