/** Compiles assembly/ to wasm/: four variants, since memory is shared or not, and the engine has relaxed SIMD or not. */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const folder = new URL('../', import.meta.url);
const common = [
  'assembly/index.ts',
  ...['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd', '--use', 'abort='],
];
const shared = ['--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536', '--enable', 'threads'];
const relaxed = ['--enable', 'relaxed-simd'];
/** File name → compiler options. */
export const variants = {
  'kernels.wasm': common,
  'kernels-relaxed.wasm': [...common, ...relaxed],
  'kernels-threads.wasm': [...common, ...shared],
  'kernels-threads-relaxed.wasm': [...common, ...shared, ...relaxed],
};
/** The bytes of one variant; throws with the compiler's messages. */
export async function compileVariant(name) {
  let binary;
  const { error, stderr } = await main(
    [...variants[name], '--outFile', 'out.wasm', '--baseDir', fileURLToPath(folder)],
    {
      writeFile(file, contents) {
        if (file === 'out.wasm') binary = contents;
      },
    },
  );
  if (error || binary === undefined) throw new Error(`${name}: ${error?.message ?? 'no output'}\n${stderr.toString()}`);
  return binary;
}
if (import.meta.main) {
  await mkdir(new URL('wasm/', folder), { recursive: true });
  for (const name of Object.keys(variants)) {
    const binary = await compileVariant(name);
    await writeFile(new URL(`wasm/${name}`, folder), binary);
    console.log(`${name}: ${binary.length} bytes`);
  }
}
//# sourceMappingURL=build-wasm.js.map
