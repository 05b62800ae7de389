/** The one file that imports tfjs: everything else takes `tf` from here. */
import * as tf from '@tensorflow/tfjs';

export { tf };
export type Tensor = tf.Tensor;
export type Scalar = tf.Scalar;
