/** Builds the tab: static files that any server can serve, from any folder, with nothing fetched from elsewhere. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = import.meta.dirname;

/** Only Node reaches for these. */
const elsewhere = ['webgpu', 'koffi', '@tensorflow/tfjs-node', 'onnxruntime-node', 'fzstd', 'hyparquet*', 'node:*'];

/** What was built: bytes of each file, as they are and as a server sends them. */
export type Built = Readonly<Record<string, { readonly bytes: number; readonly gzip: number }>>;

/** Writes the tab into `out`, which is emptied first. */
export async function buildTab(out: string): Promise<Built> {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, 'wasm'), { recursive: true });
  await build({
    entryPoints: {
      page: join(here, 'page/page.ts'),
      worker: join(here, 'worker/worker.ts'),
      style: join(here, 'styles/style.css'),
    },
    outdir: out,
    bundle: true,
    minify: true,
    // A page loads its worker and WebGPU when they are asked for.
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    conditions: ['@svo/source'],
    external: elsewhere,
    logLevel: 'error',
  });
  copyFileSync(join(here, 'index.html'), join(out, 'index.html'));
  const inTensor = createRequire(join(here, '../../packages/tensor/package.json'));
  const tfjs = dirname(inTensor.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
  const kernels = join(here, '../../packages/kernels/wasm');
  for (const name of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm'])
    copyFileSync(join(tfjs, 'dist', name), join(out, 'wasm', name));
  for (const name of ['kernels.wasm', 'kernels-relaxed.wasm'])
    copyFileSync(join(kernels, name), join(out, 'wasm', name));
  return Object.fromEntries(
    readdirSync(out, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        const bytes = readFileSync(path);
        const name = path.slice(out.length + 1).replaceAll('\\', '/');
        return [name, { bytes: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length }];
      }),
  );
}

if (process.argv[1] === import.meta.filename) {
  const out = join(here, 'dist');
  const built = await buildTab(out);
  for (const [name, { bytes, gzip }] of Object.entries(built))
    console.log(
      `${name.padEnd(34)} ${(bytes / 1e3).toFixed(0).padStart(6)} kB ${(gzip / 1e3).toFixed(0).padStart(6)} kB gzipped`,
    );
}
