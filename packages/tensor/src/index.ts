export { type Scalar, type Tensor, tf } from './tf.ts';
