/** The WebGPU kernels in a real browser, on its own WebGPU: each operation against float64, as benchmarks/kernels/gpu checks them. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const fromTensor = createRequire(join(root, 'packages/tensor/package.json'));
const inPackage = (name: string, file: string): string =>
  join(dirname(fromTensor.resolve(`${name}/package.json`)), 'dist', file);

/** tfjs comes as the scripts it ships for browsers, which leave `tf` on the page; our modules are served as they lie, types off. */
const page = `<!doctype html><script src="${inPackage('@tensorflow/tfjs', 'tf.min.js')}"></script>
<script src="${inPackage('@tensorflow/tfjs-backend-webgpu', 'tf-backend-webgpu.min.js')}"></script>`;

const serve = (): Server =>
  createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (path === '/') return void response.setHeader('content-type', 'text/html').end(page);
    if (!/\.(ts|js)$/.test(path) || !existsSync(path)) return void response.writeHead(404).end();
    const code = readFileSync(path, 'utf8');
    response.setHeader('content-type', 'text/javascript').end(path.endsWith('.ts') ? linked(code) : code);
  });

const linked = (code: string): string =>
  stripTypeScriptTypes(code)
    .replace(/export (\{[^}]*\}) from '@tensorflow\/tfjs-core';/, 'export const $1 = globalThis.tf;')
    .replace("import '@tensorflow/tfjs-backend-cpu';", '')
    .replaceAll(/import\('@tensorflow\/tfjs-backend-\w+'\)/g, 'Promise.resolve(globalThis.tf)')
    .replaceAll(
      /from '(@svo\/[^']+)'/g,
      (_, name: string) => `from '${join(root, name.replace('@svo/', 'packages/'), 'src/index.ts')}'`,
    );

describe.skipIf(browserPath === undefined)('webgpu in Chromium (skipped where there is none)', () => {
  const server = serve();
  let browser: Browser;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await chromium.launch({
      executablePath: browserPath!,
      args: ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'],
    });
  });
  afterAll(async () => {
    await browser?.close();
    server.close();
  });

  test('every operation equals float64 in value and gradient', async () => {
    const tab = await browser.newPage();
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    // As text, because vitest would rewrite the imports of a function.
    const report = (await tab.evaluate(`(async () => {
      const { useBackend } = await import('${root}/packages/tensor/src/index.ts');
      const { installKernels } = await import('${root}/packages/kernels/src/index.ts');
      const { checkOperations } = await import('${root}/benchmarks/kernels/gpu/check.ts');
      const { device } = await useBackend('webgpu');
      const { missing } = await installKernels();
      return { device, missing, worst: await checkOperations(${process.env.SVO_EVERY_PLACE === undefined}) };
    })()`)) as { device: string; missing: string[]; worst: Record<string, number> };
    expect(report.device).toMatch(/\w/);
    expect(report.missing).toEqual([]);
    expect(Object.keys(report.worst)).toHaveLength(12);
    for (const [name, gap] of Object.entries(report.worst)) expect(gap, name).toBeLessThan(2e-5);
  });
});
