/** CUDA's libraries out of NVIDIA's Python wheels, for a TensorFlow that runs outside Python. */
import { readdir, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

interface Koffi {
  load(path: string): unknown;
}

/**
 * Loads every library under `folder`/NAME/lib, as `npm run native gpu` links them there. TensorFlow opens CUDA's libraries by
 * name when it first looks for a GPU, and the loader answers with one of that name that is loaded already; Python's TensorFlow
 * finds them by paths relative to its own place, which mean nothing here.
 *
 * @returns the libraries that loaded, and those that did not; both empty where there are none, or no koffi to load them with.
 */
export async function loadLibraries(folder: string): Promise<{ loaded: string[]; failed: string[] }> {
  const files = await librariesUnder(folder);
  const koffi = await import('koffi').then(
    (module) => module.default as unknown as Koffi,
    () => undefined,
  );
  if (koffi === undefined) return { loaded: [], failed: [] };
  const loaded: string[] = [];
  let failed = files;
  // One that needs another loads once that one is there: as many rounds as some still load.
  for (let before = -1; before < loaded.length; ) {
    before = loaded.length;
    failed = failed.filter((file) => {
      try {
        koffi.load(file);
        loaded.push(file);
        return false;
      } catch {
        return true;
      }
    });
  }
  return { loaded, failed };
}

/** Loads the CUDA libraries linked beside tfjs-node's binding. */
export async function loadCudaLibraries(): Promise<void> {
  try {
    const addon = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-node/package.json'));
    await loadLibraries(join(await realpath(addon), 'deps', 'nvidia'));
  } catch {
    // No tfjs-node: what is tried next says so.
  }
}

async function librariesUnder(folder: string): Promise<string[]> {
  const inLib = async (name: string): Promise<string[]> => {
    const lib = join(folder, name, 'lib');
    const files = await readdir(lib).catch(() => []);
    return files.filter((file) => /\.so(\.|$)/.test(file)).map((file) => join(lib, file));
  };
  const names = await readdir(folder).catch(() => []);
  return (await Promise.all(names.sort().map(inLib))).flat();
}
