/** The tab, played through in Chromium: on wasm to the very weights of the main job in Node, in `pnpm fuzz` on WebGPU to its end. */
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { Writable } from 'node:stream';
import { unzipSync } from 'fflate';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseOptions } from '../../main/src/options.ts';
import { runJob } from '../../main/src/run.ts';
import { type Built, buildTab } from './build.ts';
import { settingOf } from './story/setting.ts';
import { shortened } from './story/shortened-task.ts';

const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const folder = mkdtempSync(join(tmpdir(), 'svo-tab-'));
const site = join(folder, 'site');
const types: Readonly<Record<string, string>> = {
  ...{ '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' },
};
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const path = join(site, pathname.endsWith('/') ? `${pathname}index.html` : pathname);
  if (!existsSync(path)) return void response.writeHead(404).end();
  response.setHeader('content-type', types[extname(path)] ?? 'text/plain').end(readFileSync(path));
});

let built: Built;
beforeAll(async () => {
  built = await buildTab(site);
});

test('light enough for a phone: what is fetched for the first picture, and for a run on wasm', () => {
  const kilobytes = (wanted: (name: string) => boolean): number =>
    Object.entries(built).reduce((sum, [name, { gzip }]) => sum + (wanted(name) ? gzip / 1e3 : 0), 0);
  const page = ['index.html', 'style.css', 'page.js'];
  expect(kilobytes((name) => page.includes(name))).toBeLessThan(20);
  // All scripts, WebGPU's among them, and the variants of wasm that today's browsers take.
  const old = ['wasm/kernels.wasm', 'wasm/tfjs-backend-wasm.wasm'];
  expect(kilobytes((name) => !old.includes(name))).toBeLessThan(600);
});

describe.skipIf(browserPath === undefined)('in Chromium (skipped where there is none)', () => {
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

  /** A page on a phone; what went wrong on it. */
  async function open(setting: string): Promise<{ page: Page; problems: string[] }> {
    const page = await browser.newPage({ viewport: { width: 360, height: 740 } });
    page.setDefaultTimeout(0);
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    const { port } = server.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/?setting=${setting}`);
    return { page, problems };
  }
  const reached = (page: Page, ...states: string[]) =>
    page.waitForFunction((wanted) => wanted.includes(document.body.dataset.state ?? ''), states);
  /** Files of the folder that a button hands over. */
  async function taken(page: Page, who: string): Promise<Record<string, Uint8Array>> {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click(`#take-${who}`)]);
    const files = unzipSync(new Uint8Array(readFileSync(await download.path())));
    return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name.replace(`svo-${who}/`, ''), bytes]));
  }

  test('on wasm, paused, closed and gone on with, it ends with the weights and scores of the main job in Node', async () => {
    const setting = settingOf('short', 3);
    const out = join(folder, 'run');
    const options = parseOptions([
      ...['--backend', 'wasm', '--seed', '3', '--from', 'draws', '--objective', 'rft,dvo', '--out', out],
      ...['--questions', String(setting.questions), '--draws', String(setting.draws)],
      ...['--test-questions', String(setting.testQuestions)],
    ]);
    if (options === 'help') throw new Error('these are options');
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const summary = await runJob(options, nowhere, { task: shortened(setting) });

    const { page, problems } = await open('short');
    await page.click('.options summary');
    await page.fill('#seed', '3');
    await page.click('#start');
    await page.waitForFunction(() => /loss \d/.test(document.getElementById('loss')?.textContent ?? ''));
    await page.click('#start');
    await reached(page, 'paused');
    await page.reload();
    await reached(page, 'kept');
    expect(await page.textContent('#start')).toBe('Continue');
    await page.click('#start');
    await reached(page, 'over', 'kept');
    expect(await page.textContent('#fault')).toBe('');

    const scores = { base: summary.base, rft: summary.draws!.rft!, dvo: summary.draws!.dvo! };
    const stages = { base: 'base', rft: 'draws-rft-1', dvo: 'draws-dvo-1' };
    for (const who of ['base', 'rft', 'dvo'] as const) {
      const right = Math.round(100 * scores[who].greedy.accuracy);
      expect(await page.textContent(`#score-${who} b`), who).toBe(`${right}%`);
      const files = await taken(page, who);
      const own = join(out, 'checkpoints', stages[who]);
      expect(Object.keys(files).sort(), who).toEqual(readdirSync(own).sort());
      for (const [name, bytes] of Object.entries(files))
        expect(Buffer.compare(bytes, readFileSync(join(own, name))), `${who}/${name}`).toBe(0);
    }
    expect(await page.locator('#tree .node').count()).toBeGreaterThan(3);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    expect(problems).toEqual([]);
    await page.close();
  });

  // A rasteriser compiles shaders for twenty seconds; test/webgpu-in-browser.test.ts has every operation in each run.
  test.skipIf(process.env.SVO_EVERY_PLACE === undefined)('on WebGPU it plays to its end (pnpm fuzz)', async () => {
    const { page, problems } = await open('shortest');
    await page.click('.options summary');
    await page.selectOption('#backend', 'webgpu');
    await page.click('#start');
    await reached(page, 'over', 'kept');
    expect(await page.textContent('#fault')).toBe('');
    expect(await page.textContent('#state')).toContain('WebGPU');
    for (const who of ['base', 'rft', 'dvo']) expect(await page.textContent(`#score-${who} b`), who).toMatch(/^\d+%$/);
    expect(Object.keys(await taken(page, 'base'))).toContain('model.safetensors');
    expect(problems).toEqual([]);
    await page.close();
  });
});
