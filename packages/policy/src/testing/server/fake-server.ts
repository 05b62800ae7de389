import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { assertOptions } from '@svo/mdp';
import { toyModel } from '../toy-model.ts';
import type { Fault } from './faults.ts';
import { chatJob, completionsJob, generateJob, type Job, runJob } from './jobs.ts';
import { llamaProtocol } from './llama-protocol.ts';
import { deliver, garble, page, refuse, tamper } from './misbehave.ts';
import { replyEvents, wholeReply } from './replies.ts';
import type { ServedModel } from './served-model.ts';
import { createSlots, type SlotUse } from './slots.ts';
import { valueReply } from './value-protocols.ts';

/** A request that arrived, as a fault plan sees it. */
export interface ServerCall {
  /** 0 for the first request. */
  readonly index: number;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Options of `fakeServer`. */
export interface FakeServerOptions {
  /** Default `toyModel({ seed: 0 })`. */
  readonly model?: ServedModel;
  /** Sequences that run at one time; others queue. Default: no limit. */
  readonly slots?: number;
  /** How long a sequence holds its slot. Default: no time at all. */
  readonly latency?: { readonly prefillMs: number; readonly msPerToken: number };
  /** What goes wrong with which request. Default: nothing. */
  readonly faults?: (call: ServerCall) => Fault | undefined;
  /** When given, other keys get a 401. */
  readonly apiKey?: string;
  /** Whether to keep the bodies of the requests in `calls`. Default true. */
  readonly keepCalls?: boolean;
}

/** A server that runs. */
export interface FakeServer {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** The requests so far, in order of arrival. */
  readonly calls: readonly ServerCall[];
  /** How busy its slots were since it started. */
  readonly use: () => SlotUse;
  /** Ends it, open connections included. */
  readonly close: () => Promise<void>;
}

/**
 * A real HTTP server on the loopback interface that speaks `/v1/completions`, `/v1/chat/completions` (both streaming or
 * not, `n`, `seed`, `stop`, log-probs, `echo`, `prompt_logprobs`), SGLang's `/generate`, llama.cpp's `/tokenize` with
 * forced tokens, and the value endpoints `/pooling`, `/classify` and `/v1/embeddings`. With `slots` and `latency` it behaves like a continuous-batching engine;
 * with `faults` it misbehaves on cue. Pages in a browser may ask it too. A client that hangs up gives its slots back, as with vLLM.
 *
 * @example
 * ```ts
 * import { fakeServer } from '@svo/policy/testing';
 * const server = await fakeServer({ faults: ({ index }) => (index === 0 ? { kind: 'status', status: 503 } : undefined) });
 * const ask = () => fetch(`${server.url}/v1/completions`, { method: 'POST', body: JSON.stringify({ prompt: 'Hi', n: 2 }) });
 * const first = await ask();
 * const second = (await (await ask()).json()) as { choices: unknown[] };
 * await server.close();
 * [first.status, second.choices.length]; // => [503, 2]
 * ```
 */
export async function fakeServer(options: FakeServerOptions = {}): Promise<FakeServer> {
  assertOptions('fakeServer', options, ['model', 'slots', 'latency', 'faults', 'apiKey', 'keepCalls']);
  const { model = toyModel({ seed: 0 }), slots = Number.POSITIVE_INFINITY, latency, keepCalls = true } = options;
  const engine = createSlots(slots);
  const llama = llamaProtocol(model);
  const calls: ServerCall[] = [];
  const sockets = new Set<Socket>();
  let arrived = 0;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    const body = JSON.parse((await readAll(request)) || '{}') as Record<string, unknown>;
    const call: ServerCall = { index: arrived++, path, body };
    if (keepCalls) calls.push(call);
    const fault = options.faults?.(call);
    if (options.apiKey !== undefined && request.headers.authorization !== `Bearer ${options.apiKey}`) {
      return page(response, 401, 'wrong key');
    }
    if (fault !== undefined && (await refuse(fault, request, response, body.stream === true))) return;
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const spoken = llama.reply(path, body);
    const job = spoken === undefined ? jobOf(path, body) : undefined;
    if (job === undefined) {
      const value = spoken ?? valueReply(path, body, model);
      return value === undefined
        ? page(response, 404, `no such path: ${path}`)
        : deliver(response, JSON.stringify(value), fault, false);
    }
    const choices = tamper(runJob(model, job), fault);
    if (latency !== undefined) {
      const { prefillMs, msPerToken } = latency;
      await Promise.all(choices.map(({ tokens }) => engine.hold(prefillMs + msPerToken * tokens.length, gone.signal)));
    }
    if (gone.signal.aborted) return;
    const shown: Job = fault?.kind === 'missing-logps' ? { ...job, logps: false } : job;
    const text = job.stream
      ? replyEvents(path, choices, shown, body).join('')
      : JSON.stringify(wholeReply(path, choices, shown, body));
    deliver(response, garble(text, fault), fault, job.stream);
  };

  const server = createServer((request, response) => {
    allowPages(response);
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end();
      return;
    }
    answer(request, response).catch((error: unknown) => page(response, 400, String(error)));
  });
  // As nginx has it: an idle connection that closes while a client reaches for it looks like a fault.
  server.keepAliveTimeout = 75_000;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    use: engine.use,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Lets pages of any origin ask, as vLLM and SGLang do unless told otherwise. */
function allowPages(response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-allow-headers', 'authorization, content-type, x-second-key');
  response.setHeader('access-control-expose-headers', 'retry-after');
}

function jobOf(path: string, body: Readonly<Record<string, unknown>>): Job | undefined {
  if (path === '/v1/completions') return completionsJob(body);
  if (path === '/v1/chat/completions') return chatJob(body);
  return path === '/generate' ? generateJob(body) : undefined;
}

async function readAll(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
