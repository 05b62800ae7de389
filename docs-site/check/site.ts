/** The built site on a local server, as a host would send it: compressed, without `.html` in its addresses. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { TestProject } from 'vitest/node';

/** Where `npm run docs` puts the site. */
export const dist = join(import.meta.dirname, '../dist');

declare module 'vitest' {
  interface ProvidedContext {
    readonly site: string;
  }
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

/** The file that an address of the site is answered with. */
export function fileOf(pathname: string): string | undefined {
  const path = join(dist, decodeURIComponent(pathname));
  return [path, `${path}.html`, join(path, 'index.html')].find(
    (candidate) => existsSync(candidate) && statSync(candidate).isFile(),
  );
}

/** Vitest's global set-up: starts the server, tells the tests its address, and stops it. */
export default async function serveSite({ provide }: TestProject): Promise<() => void> {
  if (!existsSync(join(dist, 'index.html'))) throw new Error('no site in docs-site/dist; build it: npm run docs');
  const server = createServer((request, response) => {
    const file = fileOf(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (file === undefined) return void response.writeHead(404).end();
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
    const bytes = readFileSync(file);
    if (extname(file) === '.woff2') return void response.end(bytes);
    response.setHeader('content-encoding', 'gzip').end(gzipSync(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  provide('site', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return () => {
    server.close();
    server.closeAllConnections();
  };
}
