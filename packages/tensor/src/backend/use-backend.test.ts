import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { tf } from '../tf.ts';
import { useBackend } from './use-backend.ts';

describe('useBackend', () => {
  it('starts threaded wasm in Node and leaves the process as it was', async () => {
    const before = {
      crash: process.listenerCount('uncaughtException'),
      rejection: process.listenerCount('unhandledRejection'),
      worker: Object.getOwnPropertyDescriptor(globalThis, 'Worker'),
    };
    const report = await useBackend('wasm', { threads: 2 });
    expect(report).toEqual({ backend: 'wasm', threads: 2, device: 'WebAssembly SIMD, 2 threads', skipped: [] });
    expect(tf.getBackend()).toBe('wasm');
    expect(process.listenerCount('uncaughtException')).toBe(before.crash);
    expect(process.listenerCount('unhandledRejection')).toBe(before.rejection);
    expect(Object.getOwnPropertyDescriptor(globalThis, 'Worker')).toEqual(before.worker);
    expect(Array.from(tf.matMul(tf.ones([2, 3]), tf.ones([3, 1])).dataSync())).toEqual([3, 3]);
  });

  it('has the gradient of gather on wasm, negative segments counted for nothing', async () => {
    await useBackend('wasm', { threads: 2 });
    const gradient = tf.grad((x) => tf.sum(tf.gather(x, tf.tensor1d([2, 2, 0], 'int32'))))(tf.zeros([3, 2]));
    expect(Array.from(gradient.dataSync())).toEqual([1, 1, 0, 0, 2, 2]);
    const sums = tf.unsortedSegmentSum(tf.tensor1d([1, 2, 4]), tf.tensor1d([1, -1, 1], 'int32'), 2);
    expect(Array.from(sums.dataSync())).toEqual([0, 5]);
  });

  it('sums along an axis counted from the end', async () => {
    const x = [1, 2, 3, 4, 5, 6];
    for (const name of ['cpu', 'wasm'] as const) {
      await useBackend(name, name === 'wasm' ? { threads: 2 } : {});
      const sums = (axis: number): number[] => Array.from(tf.cumsum(tf.tensor2d(x, [2, 3]), axis).dataSync());
      expect(sums(-1)).toEqual([1, 3, 6, 4, 9, 15]);
      expect(sums(-2)).toEqual([1, 2, 3, 5, 7, 9]);
    }
  });

  it('switches back and forth', async () => {
    expect((await useBackend('cpu')).backend).toBe('cpu');
    expect(tf.getBackend()).toBe('cpu');
    expect((await useBackend('wasm', { threads: 2 })).backend).toBe('wasm');
  });

  it('auto gives a reason for each backend it passed over', async () => {
    const report = await useBackend('auto', { threads: 2 });
    expect(report.skipped.every(({ reason }) => reason.startsWith('useBackend: '))).toBe(true);
    if (report.backend === 'wasm')
      expect(report.skipped.map(({ backend }) => backend)).toEqual(['tensorflow-gpu', 'webgpu']);
    if (report.skipped.length > 0) expect(report.hint).toContain('npm install @tensorflow/');
  });

  it('refuses names and options it does not know', async () => {
    await expect(useBackend('wasn' as 'wasm')).rejects.toThrow(
      "useBackend: name must be one of auto, tensorflow-gpu, webgpu, wasm, tensorflow, cpu, got 'wasn'",
    );
    await expect(useBackend('wasm', { thread: 2 } as object)).rejects.toThrow(
      "useBackend: unknown option 'thread' (did you mean 'threads'?); expected threads, wasmPath",
    );
  });

  it('refuses a thread count that is none', async () => {
    await expect(useBackend('wasm', { threads: 1.5 })).rejects.toThrow(RangeError);
  });

  // 'auto' meets Dawn on its way; no Vulkan driver is the noisiest case. What TensorFlow says of itself is left to it.
  it.each(['wasm', 'auto'])('%s prints nothing and lets a finished program end', (name) => {
    const program = `import { tf, useBackend } from '@svo/tensor';
      await useBackend('${name}', { threads: 2 });
      tf.matMul(tf.ones([64, 64]), tf.ones([64, 64])).dataSync();`;
    const { VK_ICD_FILENAMES: _, LD_LIBRARY_PATH: __, ...env } = process.env;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--conditions=@svo/source', '--input-type=module', '--eval', program],
      { cwd: new URL('../..', import.meta.url), encoding: 'utf8', env },
    );
    const said = stderr.split('\n').filter((line) => line !== '' && !/oneDNN|absl::InitializeLog/.test(line));
    expect({ status, stdout, said }).toEqual({ status: 0, stdout: '', said: [] });
  });
});
