/** What attention and feed-forward add to the residual. */
import { customGradient, type Tensor, tf } from '@svo/tensor';

/** x + y of one shape. Between the passes nothing is kept for it, where tfjs's sum keeps both for their shapes. */
export const residualSum = (x: Tensor, y: Tensor): Tensor =>
  customGradient([x, y], ([a, b]) => ({
    value: tf.add(a!, b!),
    gradFunc: (dy) => [tf.clone(dy), tf.clone(dy)],
  }));
