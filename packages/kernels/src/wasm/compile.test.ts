import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { compileKernels } from './compile.ts';
import { hasRelaxedSimd } from './webassembly.ts';

/** The build script lies outside src/, which is all the package's types cover. */
const { compileVariant, variants } = (await import(new URL('../../scripts/build-wasm.ts', import.meta.url).href)) as {
  compileVariant(name: string): Promise<Uint8Array>;
  variants: Record<string, string[]>;
};

/** The build writes all four from one source: `npm test` compiles the two that share no option, `pnpm fuzz` all. */
const compiled = Object.keys(variants).filter(
  (name) =>
    process.env.SVO_EVERY_PLACE !== undefined || ['kernels.wasm', 'kernels-threads-relaxed.wasm'].includes(name),
);

describe('the committed .wasm files', () => {
  it('are four', () => {
    expect(Object.keys(variants)).toHaveLength(4);
  });

  it.each(compiled)('%s is what its source compiles to', async (name) => {
    const committed = await readFile(new URL(`../../wasm/${name}`, import.meta.url));
    expect(Buffer.from(await compileVariant(name)).equals(committed)).toBe(true);
  });
});

describe('compileKernels', () => {
  it('pairs vectors only when asked to', async () => {
    expect((await compileKernels(true, false)).paired).toBe(false);
    const { paired, relaxedSimd } = await compileKernels(true, true);
    expect(relaxedSimd).toBe(hasRelaxedSimd());
    if (process.arch === 'x64' && Number.parseInt(process.versions.v8, 10) >= 13) expect(paired).toBe(true);
  });
});
