/** Run by webgpu-driver-memory.test.ts in a process of its own: a driver that has no room, because the process may have no more. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tf } from '../../tf.ts';
import { useBackend } from '../use-backend.ts';

await useBackend('webgpu');
const { limits } = (tf.backend() as unknown as { device: { limits: Record<string, number> } }).device;
const most = Math.min(limits.maxBufferSize!, limits.maxStorageBufferBindingSize!, 2 ** 28);

const said = async (work: () => Promise<ArrayLike<number>>): Promise<string> => {
  try {
    return Array.from(await work()).join();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
};
const end = (tensor: ReturnType<typeof tf.tensor1d>) => tf.tidy(() => tf.slice(tensor, [tensor.size - 2], [2])).data();

const small = tf.tensor1d([1, 2, 3]);
const early = tf.square(small);
await end(tf.fill([1000], 5) as never);
await early.data();
const { pid } = process;
const size = Number(/VmSize:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024;
execFileSync('prlimit', ['--pid', `${pid}`, `--as=${size + Math.floor(most * 0.6)}:unlimited`]);
const large = tf.fill([most / 4], 7) as ReturnType<typeof tf.tensor1d>;
const refused = await said(() => end(large));
execFileSync('prlimit', ['--pid', `${pid}`, '--as=unlimited:unlimited']);

const result = {
  refused,
  lost: await said(() => large.data()),
  used: await said(() => tf.tidy(() => tf.mul(large, 2)).data()),
  early: await said(() => early.data()),
  work: await said(() => tf.tidy(() => tf.sum(tf.square(small))).data()),
  again: await said(() => {
    large.dispose();
    return end(tf.fill([most / 4], 8) as never);
  }),
};
console.log(`result ${JSON.stringify(result)}`);
process.exit(0);
