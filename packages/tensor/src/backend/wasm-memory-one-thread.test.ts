import { loadWasmBackend, tf } from '../tf.ts';
import { guardKernels, registerGuardedWasm } from './internals.ts';
import { atTheWall } from './test-support/at-the-wall.ts';

// The build of browsers and Deno: its memory is not shared, and is replaced when it grows.
atTheWall('the build without threads', async () => {
  const { createRequire } = await import('node:module');
  const { dirname, join, sep } = await import('node:path');
  const folder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json'));
  (await loadWasmBackend()).setWasmPaths(join(folder, 'dist') + sep);
  tf.env().set('WASM_HAS_SIMD_SUPPORT', true);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  guardKernels();
  registerGuardedWasm();
  await tf.setBackend('wasm');
});
