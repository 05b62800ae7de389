/**
 * Gradients of tfjs-core's operations. tfjs-core keeps its own in files that Node cannot load by themselves; its umbrella
 * package brings them together with 300 MB of other things. Checked against those, operation by operation, in gradients.test.ts.
 */
import { elementwiseGradients } from './elementwise-gradients.ts';
import * as tf from './operations.ts';
import { reducingGradients } from './reducing-gradients.ts';
import { shapingGradients } from './shaping-gradients.ts';

/** Registers each gradient that is not there yet: where the umbrella package was imported first, its own stay. */
export function registerGradients(): void {
  for (const config of [...elementwiseGradients, ...reducingGradients, ...shapingGradients])
    if (tf.getGradient(config.kernelName) === undefined) tf.registerGradient(config);
}
