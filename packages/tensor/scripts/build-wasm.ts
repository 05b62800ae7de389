/** Compiles assembly/ to src/arithmetic/vector/machine-code.ts: the bytes as text, since a formula cannot wait for a file. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const folder = new URL('../', import.meta.url);

const options = [
  'assembly/index.ts',
  ...['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd', '--use', 'abort='],
];

/** The compiled machine; throws with the compiler's messages. */
export async function compileMachine(): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await main([...options, '--outFile', 'out.wasm', '--baseDir', fileURLToPath(folder)], {
    writeFile(file: string, contents: Uint8Array | string) {
      if (file === 'out.wasm') binary = contents as Uint8Array;
    },
  });
  if (error || binary === undefined) throw new Error(`${error?.message ?? 'no output'}\n${stderr.toString()}`);
  return binary;
}

if (import.meta.main) {
  const binary = await compileMachine();
  const text = `/** What \`node packages/tensor/scripts/build-wasm.ts\` makes of assembly/; a test compiles it again and compares. */
export const machineCode: string =
  '${Buffer.from(binary).toString('base64')}';
`;
  await writeFile(new URL('src/arithmetic/vector/machine-code.ts', folder), text);
  console.log(`${binary.length} bytes`);
}
