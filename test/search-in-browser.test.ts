/** Policies and search in a page of a real browser, over HTTP from another origin: the same trees as in Node, byte for byte. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type FakeServer, type Fault, fakeServer, type ServerCall, toyModel } from '@svo/policy/testing';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { searchReport } from './support/search-report.ts';

const browser = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

/** Serves sources as modules: types stripped, package names resolved to files from where they are imported. */
const modules = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
  if (path === '/') return void response.setHeader('content-type', 'text/html').end('<!doctype html>');
  if (!/\.(ts|js)$/.test(path) || !existsSync(path)) return void response.writeHead(404).end();
  const code = readFileSync(path, 'utf8');
  const plain = path.endsWith('.ts') ? stripTypeScriptTypes(code) : code;
  const linked = plain.replace(
    /(from\s*|import\s*)(['"])([^'"./][^'"]*)\2/g,
    (whole, keyword: string, quote: string, name: string) => {
      // Node's own modules stand in examples only; anywhere else the page will say so.
      if (name.startsWith('node:')) return whole;
      return `${keyword}${quote}${fileURLToPath(import.meta.resolve(name, pathToFileURL(path)))}${quote}`;
    },
  );
  response.setHeader('content-type', 'text/javascript').end(linked);
});

/** Fails each request once, in one of the ways that another try mends; which way is the request's own. */
const once = (): ((call: ServerCall) => Fault | undefined) => {
  const seen = new Set<string>();
  const passing: Fault[] = [
    { kind: 'status', status: 429, retryAfter: '0' },
    { kind: 'status', status: 503 },
    { kind: 'cut' },
    { kind: 'malformed' },
    { kind: 'nan-logps' },
    { kind: 'false-gzip' },
  ];
  return ({ body }) => {
    const key = JSON.stringify([body.prompt, body.seed]);
    if (seen.has(key)) return undefined;
    seen.add(key);
    return passing[Number(body.seed) % passing.length];
  };
};

describe.skipIf(browser === undefined)('in a page (skipped where there is no browser)', () => {
  const servers: FakeServer[] = [];
  const start = async (faults: (call: ServerCall) => Fault | undefined): Promise<string> => {
    const server = await fakeServer({ model: toyModel({ seed: 2 }), apiKey: 'sk-in-a-page-1234', faults });
    servers.push(server);
    return server.url;
  };
  const urls = async (): Promise<string[]> => [
    await start(() => undefined),
    await start(once()),
    await start(() => ({ kind: 'hang' })),
  ];
  let address = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => modules.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(modules.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    modules.close();
    await Promise.all(servers.map((server) => server.close()));
  });

  test('searches, scores, retries, times out and cancels as Node does', async () => {
    const [clean, flaky, silent] = (await urls()) as [string, string, string];
    const inNode = await searchReport(clean, flaky, silent);
    expect(inNode.retried).toEqual(inNode.completions);
    expect(inNode.streamed).toEqual(inNode.completions);
    expect(inNode.retries).toBeGreaterThan(20);
    expect(inNode).toMatchObject({
      timeout: [['timeout', 3]],
      cancelled: [['cancelled', 3]],
      nobody: [['connection', 3]],
      wrongKey: [['refused', 3]],
    });

    const chrome = await chromium.launch({ executablePath: browser!, args: ['--no-sandbox'] });
    try {
      const page = await chrome.newPage();
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(String(error)));
      await page.goto(address);
      const module = join(import.meta.dirname, 'support', 'search-report.ts');
      const given = JSON.stringify(await urls()).slice(1, -1);
      const inPage = await page.evaluate(`import('${module}').then(({ searchReport }) => searchReport(${given}))`);
      expect(inPage).toEqual(inNode);
      expect(problems).toEqual([]);
    } finally {
      await chrome.close();
    }
  });
});
