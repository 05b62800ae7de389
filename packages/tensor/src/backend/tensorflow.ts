/** TensorFlow through tfjs-node: an optional package with a native binding (`pnpm native` builds it). */
import { tf } from '../tf.ts';
import type { BackendReport } from './report.ts';

/** Starts tfjs-node or tfjs-node-gpu; throws with the reason when the package or its binding is absent. */
export async function startTensorflow(name: 'tensorflow' | 'tensorflow-gpu'): Promise<Omit<BackendReport, 'skipped'>> {
  const packageName = name === 'tensorflow' ? '@tensorflow/tfjs-node' : '@tensorflow/tfjs-node-gpu';
  if (typeof process === 'undefined' || process.versions?.node === undefined)
    throw new Error(`useBackend: ${packageName} runs in Node only`);
  await restoreRemovedNodeHelpers();
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  try {
    await import(packageName);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new Error(
      `useBackend: ${packageName} does not load (${reason}); \`pnpm native${name === 'tensorflow' ? '' : ' gpu'}\` builds it`,
    );
  }
  if (!(await tf.setBackend('tensorflow')))
    throw new Error(`useBackend: ${packageName} loaded but its backend refused to start`);
  const threads = (await import('node:os')).availableParallelism();
  return { backend: name, threads, device: `libtensorflow (${packageName})` };
}

/** tfjs-node 4.22 still calls `util.isNullOrUndefined`, which Node 23 removed. */
async function restoreRemovedNodeHelpers(): Promise<void> {
  const { createRequire } = await import('node:module');
  const util = createRequire(import.meta.url)('node:util') as { isNullOrUndefined?: (value: unknown) => boolean };
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
}
