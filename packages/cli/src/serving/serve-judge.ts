import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { assertOptions } from '@svo/mdp';
import { checkConfig } from '../config/check.ts';
import type { ColumnsConfig, ServeConfig } from '../config/config.ts';
import { defaults } from '../config/defaults.ts';
import { UsageError } from '../errors.ts';
import { verifierName } from '../models/open-verifier.ts';
import { defined } from '../stages/defined.ts';
import { type Answering, answerTo } from './answer.ts';
import { admit, type Guard, isLoopback } from './guard.ts';
import { openPool, type PoolCounts } from './judge-pool.ts';
import { heldBytes, mostConnections, type ServeLimits, usualLimits } from './limits.ts';
import { Refusal } from './refusal.ts';

/** What `svo judge --serve` is told. */
export interface JudgeServerOptions extends ServeConfig {
  /** `'math'` (default), `'gsm8k'`, `'choice'`, or the path of a module whose default export is a `Verifier`. */
  readonly verifier?: string;
  /** Which columns of a row hold what; the usual names without. */
  readonly columns?: ColumnsConfig;
  /** 0 (default): whichever is free. */
  readonly port?: number;
}

/** A judge that answers HTTP. */
export interface JudgeServer {
  readonly url: string;
  /** What it has judged so far. */
  readonly counts: () => Readonly<PoolCounts>;
  /** Takes no more requests, gives those under way ten seconds, and ends its processes. */
  readonly close: () => Promise<void>;
}

/** Seconds that a closing server gives to what is under way. */
const graceS = 10;

/**
 * A judge as an HTTP server, for trainers in other languages: `POST /judge` takes a row or a list of rows and answers their verdicts,
 * `POST /reward` takes TRL's columns and answers rewards, `GET /health` says what was done. Verdicts are made in
 * processes of their own, each killed and replaced when its time or its memory is up; bytes, rows, connections and waiting are bounded.
 *
 * @throws UsageError for a limit outside its range, a verifier that is not there, and an address beyond this machine without `SVO_JUDGE_TOKEN` in the environment
 * @throws Error where the verifier does not load, or the port is taken
 * @example
 * ```ts
 * import { serveJudge } from '@svo/cli';
 * const server = await serveJudge({ verifier: 'math', workers: 1 });
 * const body = JSON.stringify({ answer: '1/2', response: 'So it is \\boxed{0.5}.' });
 * const reply = await fetch(`${server.url}judge`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
 * ((await reply.json()) as { correct: boolean }).correct; // => true
 * await server.close();
 * ```
 */
export async function serveJudge(options: JudgeServerOptions = {}): Promise<JudgeServer> {
  assertOptions('serveJudge', options, ['verifier', 'columns', 'port', 'host', ...Object.keys(usualLimits(1))]);
  const { verifier: named, columns = {}, port = 0, host = defaults.serve.host, ...given } = options;
  const verifier = verifierName(named === undefined ? {} : { verifier: named });
  const token = process.env.SVO_JUDGE_TOKEN || undefined;
  if (!isLoopback(host) && token === undefined)
    throw new UsageError(
      `serve.host: '${host}' can be reached from elsewhere; set SVO_JUDGE_TOKEN in the environment to what clients must bring`,
    );
  checkConfig({ serve: given }, () => 'serveJudge');
  const limits: ServeLimits = { ...usualLimits(availableParallelism()), ...defined(given) };
  const pool = await openPool({ verifier, ...limits });
  const server = httpServer({ pool, verifier, columns, limits }, { host, token });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  } catch (error) {
    pool.close();
    throw error;
  }
  const at = (server.address() as AddressInfo).port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${at}/`,
    counts: () => pool.counts,
    close: async () => {
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), graceS * 1000);
      await ended;
      clearTimeout(timer);
      pool.close();
    },
  };
}

function httpServer(answering: Answering, guard: Guard): Server {
  const { limits } = answering;
  const most = heldBytes(limits);
  const patience = Math.ceil(limits.transferS * 1000);
  let held = 0;
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    let own = 0;
    const hold = (bytes: number): boolean => {
      if (held + bytes > most) return false;
      held += bytes;
      own += bytes;
      return true;
    };
    response.once('close', () => {
      held -= own;
      own = 0;
      gone.abort();
    });
    try {
      admit(request, guard);
      send(response, 200, await answerTo(request, answering, { hold, signal: gone.signal }));
    } catch (error) {
      const status = error instanceof Refusal ? error.status : 500;
      // A fault of ours is not described to strangers: its words may hold what a model wrote.
      const words = error instanceof Refusal ? error.message : 'the server is at fault';
      if (!request.complete) response.setHeader('connection', 'close');
      if (status === 429) response.setHeader('retry-after', '1');
      send(response, status, { error: words });
    }
  }
  function send(response: ServerResponse, status: number, answer: unknown): void {
    if (response.destroyed) return;
    if (!server.listening) response.setHeader('connection', 'close');
    const text = JSON.stringify(answer);
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    // Who does not take the answer is not waited for.
    const timer = setTimeout(() => response.destroy(), patience);
    response.once('close', () => clearTimeout(timer));
    response.end(text);
  }
  const server = createServer(
    {
      requestTimeout: patience,
      headersTimeout: Math.ceil(patience / 3),
      connectionsCheckingInterval: Math.min(1000, Math.ceil(patience / 10)),
      keepAliveTimeout: patience,
      maxHeaderSize: 16_384,
    },
    (request, response) => void serve(request, response),
  );
  server.maxConnections = mostConnections;
  return server;
}
