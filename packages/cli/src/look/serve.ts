import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { loadTree, toHtml } from '@svo/mcts';
import { files } from '../shell/run-folder.ts';
import { runPage } from './run-page.ts';
import { treeNames } from './tree-names.ts';

/** Pages hold everything themselves: no script runs, nothing is fetched, whatever a model wrote. */
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; base-uri 'none'; form-action 'none'";

/** A tree's page unfolds without a script; it may have one of its own, which may fetch nothing. */
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** Seconds until a page of a run that is under way is asked for again. */
const again = 3;

/** A server of one run's pages, for this machine alone. */
export function lookServer(folder: string): Server {
  return createServer((request, response) => {
    answer(folder, request).then(
      (page) => send(response, page),
      (error: Error) => send(response, { status: 500, text: error.message }),
    );
  });
}

interface Page {
  readonly status: number;
  /** HTML, or plain text where `status` says that there is none. */
  readonly html?: string;
  readonly text?: string;
  readonly live?: boolean;
}

function send(response: ServerResponse, { status, html, text = '', live = false }: Page): void {
  response.writeHead(status, {
    ...headers,
    'content-security-policy': policy,
    ...(html === undefined && { 'content-type': 'text/plain; charset=utf-8' }),
    ...(live && { refresh: String(again) }),
  });
  response.end(html ?? `${text}\n`);
}

async function answer(folder: string, { method, url = '/', headers: { host = '' } }: IncomingMessage): Promise<Page> {
  // Another site's name that leads to this address is not ours: its pages may not read a run.
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host))
    return { status: 421, text: 'this server answers 127.0.0.1 alone' };
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, text: 'only GET' };
  const { pathname } = new URL(url, 'http://127.0.0.1');
  if (pathname === '/')
    return { status: 200, html: await runPage(folder), live: !existsSync(join(folder, files.summary)) };
  const report = join(folder, files.report);
  if (pathname === '/report' && existsSync(report)) return { status: 200, html: readFileSync(report, 'utf8') };
  const [, index] = /^\/tree\/(\d{1,9})$/.exec(pathname) ?? [];
  const name = index === undefined ? undefined : treeNames(folder)[Number(index)];
  if (name === undefined) return { status: 404, text: 'there is no such page' };
  return { status: 200, html: toHtml(loadTree(readFileSync(join(folder, name)))) };
}
