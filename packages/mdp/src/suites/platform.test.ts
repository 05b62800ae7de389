/** The package in Node, in a worker thread, and in a real browser (page and module worker): the same numbers everywhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { platformReport } from '../test-support/platform-report.ts';

const source = new URL('../', import.meta.url);
const browser = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

test('no file that is shipped reaches for Node, and every package it imports runs in a browser', () => {
  const shipped = (readdirSync(source, { recursive: true }) as string[]).filter(
    (name) => /\.ts$/.test(name) && !/\.test\.ts$|test-support/.test(name),
  );
  expect(shipped.length).toBeGreaterThan(10);
  const imported = shipped.flatMap((name) =>
    [...readFileSync(new URL(name, source), 'utf8').matchAll(/^(?:import|export) .*?from '([^'.][^']*)'/gm)].map(
      (match) => match[1]!,
    ),
  );
  expect(
    [
      ...new Set(
        imported.map((name) =>
          name
            .split('/')
            .slice(0, name.startsWith('@') ? 2 : 1)
            .join('/'),
        ),
      ),
    ].toSorted(),
  ).toEqual(['@noble/hashes', 'pure-rand']);
});

test('a worker thread gives what the main thread gives', async () => {
  const worker = new Worker(new URL('../test-support/platform-worker.ts', import.meta.url));
  const report = await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await worker.terminate();
  expect(report).toEqual(platformReport());
});

/** Serves sources as modules: types stripped, package names resolved to files. */
const serve = (): Server =>
  createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (path === '/') return void response.setHeader('content-type', 'text/html').end('<!doctype html>');
    if (path === '/worker.js') {
      const code = `import { platformReport } from '${fileURLToPath(source)}test-support/platform-report.ts'; postMessage(platformReport());`;
      return void response.setHeader('content-type', 'text/javascript').end(code);
    }
    if (!/\.(ts|js)$/.test(path) || !existsSync(path)) return void response.writeHead(404).end();
    const code = readFileSync(path, 'utf8');
    const plain = path.endsWith('.ts') ? stripTypeScriptTypes(code) : code;
    const linked = plain.replace(
      /(from\s*|import\s*)(['"])([^'"./][^'"]*)\2/g,
      (_, keyword: string, quote: string, name: string) =>
        `${keyword}${quote}${fileURLToPath(import.meta.resolve(name))}${quote}`,
    );
    response.setHeader('content-type', 'text/javascript').end(linked);
  });

describe.skipIf(browser === undefined)('in a browser (skipped where there is none)', () => {
  const server = serve();
  let address = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());

  test('a page and a module worker in it', async () => {
    const chrome = await chromium.launch({ executablePath: browser!, args: ['--no-sandbox'] });
    try {
      const page = await chrome.newPage();
      await page.goto(address);
      const inPage = await page.evaluate(
        `import('${fileURLToPath(source)}test-support/platform-report.ts').then((module) => module.platformReport())`,
      );
      expect(inPage).toEqual(platformReport());
      const inWorker = await page.evaluate(`new Promise((resolve, reject) => {
        const worker = new Worker('/worker.js', { type: 'module' });
        worker.onmessage = (event) => resolve(event.data);
        worker.onerror = (event) => reject(new Error(event.message));
      })`);
      expect(inWorker).toEqual(platformReport());
    } finally {
      await chrome.close();
    }
  });
});
