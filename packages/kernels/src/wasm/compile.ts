import { createModule, hasRelaxedSimd, type WasmModule } from './webassembly.ts';

/** The kernels, compiled for this engine. */
export interface CompiledKernels {
  readonly module: WasmModule;
  readonly relaxedSimd: boolean;
  /** Was V8 asked to pair 128-bit operations into 256-bit ones? */
  readonly paired: boolean;
}

/**
 * Compiles the variant that fits the memory and the engine.
 *
 * WebAssembly knows vectors of four floats; V8 on x64 can pair neighbouring operations into vectors of eight
 * (`--experimental-wasm-revectorize`), which doubles the arithmetic limit. The flag is process-wide and read when a
 * function is compiled, so it is set, with lazy and baseline compilation off, only while this one module compiles.
 */
export async function compileKernels(shared: boolean, pairing: boolean, wasmPath?: string): Promise<CompiledKernels> {
  const relaxedSimd = hasRelaxedSimd();
  const bytes = await readVariant(`kernels${shared ? '-threads' : ''}${relaxedSimd ? '-relaxed' : ''}.wasm`, wasmPath);
  const v8 = pairing ? await v8WithPairing() : undefined;
  if (v8 === undefined) return { module: createModule(bytes), relaxedSimd, paired: false };
  for (const flag of ['--no-liftoff', '--no-wasm-lazy-compilation', '--experimental-wasm-revectorize'])
    v8.setFlagsFromString(flag);
  try {
    return { module: createModule(marked(bytes)), relaxedSimd, paired: true };
  } finally {
    for (const flag of ['--liftoff', '--wasm-lazy-compilation', '--no-experimental-wasm-revectorize'])
      v8.setFlagsFromString(flag);
  }
}

/** The same module with an empty custom section: V8 keeps one compilation for equal bytes, and this one must be its own. */
function marked(bytes: Uint8Array): Uint8Array {
  const name = new TextEncoder().encode('paired');
  return Uint8Array.of(...bytes, 0, name.length + 1, name.length, ...name);
}

async function readVariant(name: string, wasmPath?: string): Promise<Uint8Array> {
  const url = new URL(`../../wasm/${name}`, import.meta.url);
  if (url.protocol === 'file:') return (await import('node:fs/promises')).readFile(url);
  const address = wasmPath === undefined ? url.href : `${wasmPath}${name}`;
  const response = await fetch(address);
  // A development server answers with its page where it has no such file.
  if (!response.ok || response.headers.get('content-type')?.startsWith('text/html'))
    throw new Error(
      `installKernels: no WebAssembly at ${address}, status ${response.status} (serve @svo/kernels' wasm folder and say where: installKernels({ wasmPath: '/wasm/' }))`,
    );
  return new Uint8Array(await response.arrayBuffer());
}

/** V8's flag interface, where it is Node's and new enough to know the flag and to get it right. */
async function v8WithPairing(): Promise<typeof import('node:v8') | undefined> {
  if (typeof process === 'undefined' || process.arch !== 'x64') return undefined;
  if (process.versions.bun !== undefined || process.versions.deno !== undefined) return undefined;
  if (Number.parseInt(process.versions.v8 ?? '0', 10) < 13) return undefined;
  return import('node:v8');
}
