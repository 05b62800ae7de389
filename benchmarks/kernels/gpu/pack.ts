/**
 * Packs everything `run.sh` needs on a bare machine with a GPU and a Python with torch, but neither Node nor npm nor a network:
 * Node itself, the benchmark in two files, Dawn, and Vulkan's loader with the libraries NVIDIA's driver asks for.
 *
 *   node --conditions=@svo/source benchmarks/kernels/gpu/pack.ts        → .gpu/bundle.tar.xz, about 40 MB
 *
 * Carry `.gpu` there and run `bash benchmarks/kernels/gpu/run.sh`.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';

const here = import.meta.dirname;
const root = join(here, '../../..');
const target = join(root, '.gpu');
const folder = mkdtempSync(join(tmpdir(), 'svo-gpu-'));
const trainStep = join(here, '../../train-step');

/** Found at run time, or not needed on WebGPU. */
const external = [
  'webgpu',
  'koffi',
  '@tensorflow/tfjs-node',
  '@tensorflow/tfjs-node-gpu',
  '@tensorflow/tfjs-backend-wasm',
];
const bundle = await rolldown({
  input: { main: join(here, 'main.ts'), 'svo-peer': join(trainStep, 'svo-peer.ts') },
  external,
  platform: 'node',
  resolve: { conditionNames: ['@svo/source'] },
  logLevel: 'silent',
});
await bundle.write({ dir: folder, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' });
await bundle.close();

copyFileSync(join(here, 'torch_operations.py'), join(folder, 'torch_operations.py'));
copyFileSync(join(trainStep, 'torch_peer.py'), join(folder, 'torch_peer.py'));
copyFileSync(realpathSync(process.execPath), join(folder, 'node'));
const dawn = dirname(createRequire(join(root, 'packages/tensor/package.json')).resolve('webgpu/package.json'));
const platform = `${process.platform}-${process.arch}`;
mkdirSync(join(folder, 'node_modules/webgpu/dist'), { recursive: true });
for (const name of ['package.json', 'index.js', `dist/${platform}`])
  cpSync(join(dawn, name), join(folder, 'node_modules/webgpu', name), { recursive: true });
packLibraries(join(folder, 'lib'));

rmSync(target, { recursive: true, force: true });
mkdirSync(target);
const archive = join(target, 'bundle.tar.xz');
execFileSync('tar', ['-C', folder, '-cJf', archive, '.'], { env: { ...process.env, XZ_OPT: '-3 -T0' } });
rmSync(folder, { recursive: true });
console.log(`${archive}: ${(statSync(archive).size / 2 ** 20).toFixed(1)} MiB`);

/** Vulkan's loader and the GL dispatch libraries that NVIDIA's Vulkan driver links to, from Debian's packages, if apt-get is here. */
function packLibraries(into: string): void {
  mkdirSync(into);
  const packages = [
    'libvulkan1',
    'libegl1',
    'libglvnd0',
    'libopengl0',
    'libgl1',
    'libglx0',
    'libgles2',
    'libx11-6',
    'libxext6',
    'libxcb1',
    'libxau6',
    'libxdmcp6',
    'libbsd0',
    'libmd0',
  ];
  const scratch = mkdtempSync(join(tmpdir(), 'svo-debs-'));
  try {
    execFileSync('apt-get', ['download', '-q', ...packages], { cwd: scratch, stdio: 'ignore' });
    for (const deb of readdirSync(scratch).filter((name) => name.endsWith('.deb')))
      execFileSync('dpkg', ['-x', deb, 'unpacked'], { cwd: scratch });
    execFileSync('sh', ['-c', `find unpacked -name '*.so*' -exec cp -P {} '${into}' ';'`], { cwd: scratch });
  } catch {
    console.warn('apt-get could not give libvulkan1 and its neighbours: the GPU machine must have them');
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
