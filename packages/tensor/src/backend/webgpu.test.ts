import { beforeAll, describe, expect, it } from 'vitest';
import { backendsHere } from '../testing/backends-here.ts';
import { tf } from '../tf.ts';
import { DeviceLostError } from './device-lost.ts';
import { webgpuDevice } from './internals.ts';
import { OutOfMemoryError } from './out-of-memory.ts';
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

  it('refuses a buffer longer than the device allows, and goes on', async () => {
    const { limits } = (tf.backend() as unknown as { device: { limits: Record<string, number> } }).device;
    const most = Math.min(limits.maxBufferSize!, limits.maxStorageBufferBindingSize!);
    const small = tf.tensor1d([1, 2, 3]);
    const sum = (): Promise<unknown> => tf.tidy(() => tf.sum(tf.square(small))).data();
    const due = await sum();
    const before = [tf.memory().numTensors, tf.backend().numDataIds()];
    const tooLong = (): unknown => tf.square(tf.fill([Math.floor(most / 4) + 64], 8));
    expect(tooLong).toThrow(OutOfMemoryError);
    expect(tooLong).toThrow(/^webgpu: no room for [\d,]+ bytes, in \w+: one piece may have at most [\d,]+ \(dispose/);
    expect(await sum()).toEqual(due);
    expect([...(await small.data())]).toEqual([1, 2, 3]);
    expect(tf.backend().numDataIds() - before[1]!).toBeLessThanOrEqual(4);
    small.dispose();
  });

  // The last but one: afterwards this device answers no more.
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

  it('says so when the device is lost, where plain WebGPU would give zeros', async () => {
    const { device } = tf.backend() as unknown as { device: { destroy(): void; lost: Promise<unknown> } };
    const x = tf.square(tf.tensor1d([1, 2, 3]));
    device.destroy();
    await device.lost;
    await expect(x.data()).rejects.toThrow(DeviceLostError);
    expect(() => tf.square(tf.ones([1000]))).toThrow('webgpu: the device is lost, destroyed');
  });
});
