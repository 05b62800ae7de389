/** tfjs's wasm backend in Deno (notebooks): one thread, since Deno's workers refuse what the glue's pool script does. */
import { loadWasmBackend, tf } from '../tf.ts';
import { registerGuardedWasm } from './internals.ts';

export const isDeno = (): boolean => typeof process !== 'undefined' && process.versions?.deno !== undefined;

/** Starts the single-threaded SIMD build from the installed package and makes it the active backend. */
export async function startDenoWasm(): Promise<void> {
  const [{ createRequire }, path] = await Promise.all([import('node:module'), import('node:path')]);
  const require = createRequire(import.meta.url);
  const wasm = await loadWasmBackend();
  registerGuardedWasm();
  const folder = path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
  wasm.setWasmPaths(path.join(folder, 'dist') + path.sep);
  tf.env().set('WASM_HAS_SIMD_SUPPORT', true);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  if (!(await tf.setBackend('wasm')))
    throw new Error("useBackend: tfjs's wasm backend refused to start in this Deno process");
  await tf.ready();
}
