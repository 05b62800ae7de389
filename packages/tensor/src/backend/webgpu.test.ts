import { beforeAll, describe, expect, it } from 'vitest';
import { backendsHere } from '../testing/backends-here.ts';
import { tf } from '../tf.ts';
import { webgpuDevice } from './internals.ts';
import { useBackend } from './use-backend.ts';

const reason = (await backendsHere(['webgpu']))[0]?.reason;

describe.skipIf(reason !== undefined)('webgpu', () => {
  beforeAll(async () => {
    await useBackend('webgpu');
  });

  it.each([2, 8, 12, 39])('sums %i tensors at once', async (count) => {
    const before = tf.memory().numTensors;
    const sum = tf.tidy(() => tf.addN(Array.from({ length: count }, (_, i) => tf.fill([3], i))));
    expect([...(await sum.data())]).toEqual(new Array(3).fill((count * (count - 1)) / 2));
    sum.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  // The last test: afterwards this device answers no more.
  it('says so when a command was invalid, where plain WebGPU would give what the buffer held', async () => {
    const device = webgpuDevice();
    const result = device.output([4]);
    device.run({
      key: 'not WGSL',
      code: 'fn main() -> nonsense',
      buffers: [result],
      uniforms: [],
      workgroups: [1, 1, 1],
    });
    const tensor = tf.engine().makeTensorFromTensorInfo(result as never);
    await expect(tensor.data()).rejects.toThrow('webgpu: a command was invalid, so results cannot be trusted');
  });
});
