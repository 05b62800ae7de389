/** The Tinker client in a page of a real browser, against a server that lets its origin in: the numbers of Node. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { localTinker } from '@svo/tinker/testing';
import { build, stop } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tinkerReport } from './support/tinker-report.ts';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

let scripts: ReadonlyMap<string, string> = new Map();
const site = createServer((request, response) => {
  const script = scripts.get(request.url ?? '/');
  const html = '<!doctype html><script type="module" src="/stdin.js"></script>';
  const [type, text] = script === undefined ? ['text/html', html] : ['text/javascript', script];
  response.setHeader('content-type', type).end(text);
});

describe.skipIf(executablePath === undefined)('in a page (skipped where there is no browser)', () => {
  let browser: Browser;
  let origin = '';
  beforeAll(async () => {
    const bundled = await build({
      stdin: {
        contents: `import { tinkerReport } from './tinker-report.ts'; globalThis.tinkerReport = tinkerReport;`,
        resolveDir: new URL('support', import.meta.url).pathname,
      },
      bundle: true,
      write: false,
      // As bundlers do by default: what is imported later is a script of its own.
      splitting: true,
      outdir: '/',
      format: 'esm',
      platform: 'browser',
      conditions: ['@svo/source'],
      // What writes folders is loaded where a folder is written, which a page doesn't ask for.
      external: ['node:*', 'koffi', 'onnxruntime-node'],
      logLevel: 'silent',
    });
    scripts = new Map(bundled.outputFiles.map(({ path, text }) => [path, text]));
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    site.close();
    await stop();
  });

  // What a server reduces by is no matter of the page: `pnpm fuzz` has the mean too.
  const reductions = process.env.SVO_EVERY_PLACE === undefined ? (['sum'] as const) : (['sum', 'mean'] as const);
  test.each(reductions)('trains, saves and samples as Node does (%s)', async (reduction) => {
    const reports = [];
    for (const where of ['page', 'node'] as const) {
      const server = await localTinker({ origin, reduction, apiKey: 'tml-in-a-page' });
      if (where === 'node') reports.push(await tinkerReport(server.url));
      else {
        const page = await browser.newPage();
        await page.goto(origin);
        await page.waitForFunction(() => 'tinkerReport' in globalThis);
        reports.push(
          await page.evaluate(
            (url) => (globalThis as unknown as { tinkerReport: typeof tinkerReport }).tinkerReport(url),
            server.url,
          ),
        );
        await page.close();
      }
      await server.close();
    }
    const [there, here] = reports;
    expect(there).toEqual(here);
    expect(here).toMatchObject({ reduction, protobuf: true });
  });

  test('a server that lets no origin in can’t be reached, and says so', async () => {
    const server = await localTinker();
    const page = await browser.newPage();
    await page.goto(origin);
    const status = await page.evaluate(
      (url) =>
        fetch(`${url}/api/v1/create_session`, { method: 'POST', headers: { 'x-api-key': 'k' } }).then(
          () => 'in',
          () => 'out',
        ),
      server.url,
    );
    expect(status).toBe('out');
    await page.close();
    await server.close();
  });
});
