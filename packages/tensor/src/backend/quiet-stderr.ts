/** Native libraries write notices to the standard error stream that no setting of theirs turns off. */

interface Koffi {
  load(path: string): { func(prototype: string): (...numbers: number[]) => number };
}

const standardError = 2;
/** The C library by platform; elsewhere nothing is redirected. */
const cLibrary: Readonly<Record<string, string>> = { linux: 'libc.so.6', darwin: '/usr/lib/libSystem.B.dylib' };

/**
 * Runs `f` while what anything in this process writes to the standard error stream is thrown away: TensorFlow's notice
 * about oneDNN, Dawn's about Vulkan drivers it does not find. What they mean for the caller is in the error or the report.
 * Where `koffi` is not installed, or the platform is another, `f` simply runs.
 */
export async function quietStderr<T>(f: () => Promise<T>): Promise<T> {
  const redirected = await redirectStderr();
  try {
    return await f();
  } finally {
    redirected?.();
  }
}

/** Points the stream at nothing; returns what points it back, or undefined where that cannot be done. */
async function redirectStderr(): Promise<(() => void) | undefined> {
  try {
    const koffi = (await import('koffi')).default as unknown as Koffi;
    const library = koffi.load(cLibrary[process.platform]!);
    const dup = library.func('int dup(int)');
    const dup2 = library.func('int dup2(int, int)');
    const { openSync, closeSync } = await import('node:fs');
    const nowhere = openSync('/dev/null', 'w');
    const kept = dup(standardError);
    dup2(nowhere, standardError);
    closeSync(nowhere);
    return () => {
      dup2(kept, standardError);
      closeSync(kept);
    };
  } catch {
    return undefined;
  }
}
