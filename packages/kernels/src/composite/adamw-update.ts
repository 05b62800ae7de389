import { replaceData, tf } from '@svo/tensor';
import type { AdamwSettings, AdamwState } from '../operations/adamw-update.ts';

/** AdamW with plain tfjs operations; the three tensors take the new values. Runs on every backend. */
export function adamwUpdateComposite({ param, gradient, first, second }: AdamwState, settings: AdamwSettings): void {
  const { learningRate, beta1, beta2, epsilon, weightDecay, step, gradientScale = 1 } = settings;
  tf.tidy(() => {
    const nextFirst = tf.add(tf.mul(first, beta1), tf.mul(gradient, (1 - beta1) * gradientScale));
    const nextSecond = tf.add(tf.mul(second, beta2), tf.mul(tf.square(gradient), (1 - beta2) * gradientScale ** 2));
    const deviation = tf.add(tf.div(tf.sqrt(nextSecond), Math.sqrt(1 - beta2 ** step)), epsilon);
    const change = tf.mul(tf.div(nextFirst, deviation), learningRate / (1 - beta1 ** step));
    replaceData(param, tf.sub(tf.mul(param, 1 - learningRate * weightDecay), change));
    replaceData(first, nextFirst);
    replaceData(second, nextSecond);
  });
}
