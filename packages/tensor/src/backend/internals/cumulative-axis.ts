/** tfjs 4.22 hands an axis of −1 to its cumulative kernels as it is: cpu answers with nothing, wasm writes where there is nothing. */
import { tf } from '../../tf.ts';
import type { TensorHandle } from './handle.ts';

const repaired = new WeakSet<object>();

/** Has the active backend's cumulative kernels count an axis from the front; calling it twice changes nothing. */
export function countAxesFromFront(): void {
  for (const name of ['Cumsum', 'Cumprod']) {
    const config = tf.getKernel(name, tf.getBackend());
    if (config === undefined || repaired.has(config)) continue;
    repaired.add(config);
    const run = config.kernelFunc;
    config.kernelFunc = (call) => {
      const { axis, ...attrs } = call.attrs as unknown as { axis: number };
      const { shape } = call.inputs.x as unknown as TensorHandle;
      const counted = { ...attrs, axis: axis < 0 ? axis + shape.length : axis };
      return run({ ...call, attrs: counted as unknown as tf.NamedAttrMap });
    };
  }
}
