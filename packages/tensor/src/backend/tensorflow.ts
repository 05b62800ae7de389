/** TensorFlow through tfjs-node: an optional package with a native binding (`npm run native` builds it). */
import { tf } from '../tf.ts';
import { installs } from '../tfjs/installs.ts';
import { usesGpu } from './internals.ts';
import type { BackendReport } from './report.ts';

/** Packages whose binding may have the device: a libtensorflow with CUDA can also sit under the plain package. */
const packages = {
  'tensorflow-gpu': ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'],
  tensorflow: ['@tensorflow/tfjs-node'],
} as const;

/** Starts TensorFlow on the CPU or on a GPU; throws with the reason when the package, its binding or the GPU is absent. */
export async function startTensorflow(name: 'tensorflow' | 'tensorflow-gpu'): Promise<Omit<BackendReport, 'skipped'>> {
  if (typeof process === 'undefined' || process.versions?.node === undefined)
    throw new Error('useBackend: TensorFlow runs in Node only');
  await restoreRemovedNodeHelpers();
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  // Sums in the same order on every run; on CUDA some operations would otherwise add as they come.
  process.env.TF_DETERMINISTIC_OPS ??= '1';
  // Imported here: this module's package also runs where there is no file system.
  if (name === 'tensorflow-gpu') await (await import('./cuda-libraries.ts')).loadCudaLibraries();
  const packageName = await loadFirst(packages[name], name);
  if (!(await tf.setBackend('tensorflow')))
    throw new Error(`useBackend: ${packageName} loaded but its backend refused to start`);
  // The first operation is what sets up oneDNN, or CUDA.
  tf.dispose(tf.square(tf.scalar(1)));
  const isUsingGpuDevice = usesGpu();
  if (name === 'tensorflow-gpu' && !isUsingGpuDevice)
    throw new Error(
      'useBackend: libtensorflow sees no GPU (an NVIDIA driver, CUDA 11 and cuDNN 8, and `npm install @tensorflow/tfjs-node-gpu@4.22.0` are needed)',
    );
  const threads = (await import('node:os')).availableParallelism();
  return {
    backend: name,
    threads,
    device: `libtensorflow on ${isUsingGpuDevice ? 'CUDA' : 'the CPU'} (${packageName})`,
  };
}

async function loadFirst(names: readonly string[], backend: 'tensorflow' | 'tensorflow-gpu'): Promise<string> {
  const reasons: string[] = [];
  for (const packageName of names) {
    try {
      await import(packageName);
      return packageName;
    } catch (error) {
      reasons.push(error instanceof Error ? error.message.split('\n')[0]! : String(error));
    }
  }
  const build = `npm run native${backend === 'tensorflow' ? '' : ' gpu'}`;
  throw new Error(
    `useBackend: tfjs-node does not load (${reasons.join('; ')}): npm install ${installs[backend]}, or in SVO's repository \`${build}\``,
  );
}

/** tfjs-node 4.22 still calls `util.isNullOrUndefined`, which Node 23 removed, and `util.isArray`, which warns of its removal. */
async function restoreRemovedNodeHelpers(): Promise<void> {
  const { createRequire } = await import('node:module');
  const util = createRequire(import.meta.url)('node:util') as {
    isNullOrUndefined?: (value: unknown) => boolean;
    isArray?: (value: unknown) => boolean;
  };
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  util.isArray = Array.isArray;
}
