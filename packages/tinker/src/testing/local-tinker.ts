/** A Tinker server in this process, with a real small model: for tests, examples, and trying things out. */
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { assertOptions } from '@svo/mdp';
import { type CausalLm, causalLm, characterTokenizer, type Tokenizer } from '@svo/models';
import { type Tensor, tf } from '@svo/tensor';
import { protobufType } from '../wire/bytes/protobuf.ts';
import { adapterArchive } from './archive.ts';
import { EngineError, engineOf } from './engine.ts';
import type { Call, Fault } from './faults.ts';
import { askedOf, corsFor, unpacked, writtenOf } from './http.ts';
import { runJob } from './jobs.ts';
import { type Answer, get, post } from './routes.ts';
import { emptyWorld, type HeldPromise, type World } from './world.ts';

/** What the server is like; by default as the Tinker documentation says. */
export interface LocalTinkerOptions {
  /** The base model, its weights and tokenizer; a small random one over the characters of sums by default. */
  readonly lm?: CausalLm;
  readonly params?: Readonly<Record<string, Tensor>>;
  readonly tokenizer?: Tokenizer;
  /** The base model's name; `local/small` by default. */
  readonly baseModel?: string;
  /** What `forward_backward` makes of its data: `'sum'`, or `'mean'` as SkyRL's jax backend. */
  readonly reduction?: 'sum' | 'mean';
  /** How a failed request is told: 200 with an error, or 400. */
  readonly failures?: 200 | 400;
  /** How a question after a result that isn't there is answered when it was held long enough. */
  readonly notYet?: 'try_again' | 408;
  /** How long such a question is held, in milliseconds. Default 20. */
  readonly holdMs?: number;
  /** Whether a result may be asked for again. Default true. */
  readonly resultsAgain?: boolean;
  /** Whether a repeated `seq_id` is known for the same request. Default true. */
  readonly repeats?: boolean;
  /** Whether sampling an older checkpoint overwrites the live model, as SkyRL's jax backend does. Default false. */
  readonly sharedSamplers?: boolean;
  /** Whether it speaks protobuf beside JSON, as Tinker does and SkyRL 0.3.0 does not. Default true. */
  readonly protobuf?: boolean;
  /** The most data and bytes of one pass, as `client/config` says them; nothing is said by default. */
  readonly chunks?: { readonly data: number; readonly bytes: number };
  /** Whether `client/config` asks for protobuf compressed by zstd. Default false. */
  readonly zstd?: boolean;
  /** Whether an unloaded model's gradient is in the next model, as on SkyRL's jax backend. Default false. */
  readonly leftoverGradients?: boolean;
  /** Pages of this origin may call it (CORS); none by default. */
  readonly origin?: string;
  /** The one key it takes; any by default. */
  readonly apiKey?: string;
  /** LoRA's α. Default 32. */
  readonly alpha?: number;
  /** Which fault befalls a call. */
  readonly faults?: (call: Call) => Fault | undefined;
}

/** A running server. */
export interface LocalTinker {
  readonly url: string;
  readonly baseModel: string;
  readonly lm: CausalLm;
  readonly params: Readonly<Record<string, Tensor>>;
  /** Of the base model. */
  readonly tokenizer: Tokenizer;
  /** What it holds; read it, change nothing. */
  readonly world: () => World;
  /** Paths of all calls so far, in order. */
  readonly calls: readonly string[];
  /** Kills it, and starts it again from disk. */
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const known = [
  'lm',
  'params',
  'tokenizer',
  'baseModel',
  'reduction',
  'failures',
  'notYet',
  'holdMs',
  'resultsAgain',
  'repeats',
  'sharedSamplers',
  'protobuf',
  'chunks',
  'zstd',
  'leftoverGradients',
  'origin',
  'apiKey',
  'alpha',
  'faults',
];

/**
 * Starts a server that speaks the Tinker API on a free port of this machine: LoRA adapters, AdamW, checkpoints and draws are
 * computed with a real model of `@svo/models`, so gradients are real.
 * @example
 * ```ts
 * import { localTinker } from '@svo/tinker/testing';
 * const server = await localTinker({ reduction: 'mean' });
 * const reply = await fetch(`${server.url}/api/v1/healthz`);
 * await reply.json(); // => { status: 'ok' }
 * await server.close();
 * ```
 */
export async function localTinker(options: LocalTinkerOptions = {}): Promise<LocalTinker> {
  assertOptions('localTinker', options, known);
  const { reduction = 'sum', failures = 200, notYet = 'try_again', holdMs = 20, alpha = 32 } = options;
  const { resultsAgain = true, repeats = true, sharedSamplers = false, apiKey, faults } = options;
  const { protobuf = true, chunks: most, zstd = false, leftoverGradients = false, origin } = options;
  const { tokenizer = characterTokenizer('0123456789+=?\nFinal Aswer:'), baseModel = 'local/small' } = options;
  const wishes = {
    ...(most && { fwdbwd_max_chunk_len: most.data, fwdbwd_max_chunk_bytes_count: most.bytes }),
    ...(zstd && { proto_compress_fwdbwd: true }),
  };
  const sizes = { hidden_size: 16, intermediate_size: 24, num_hidden_layers: 2, num_attention_heads: 2 };
  const lm =
    options.lm ??
    causalLm({ model_type: 'llama', vocab_size: 32, ...sizes, initializer_range: 0.2, eos_token_id: tokenizer.eosId });
  const own = options.params === undefined;
  const params = options.params ?? lm.init(1);
  const engine = engineOf({ lm, params, reduction, alpha, tokenizer });
  const folder = mkdtempSync(join(tmpdir(), 'svo-tinker-'));
  const disk = join(folder, 'world');
  const calls: string[] = [];
  let world = emptyWorld();
  let server: Server;
  let port = 0;
  let restarting: Promise<void> | undefined;
  let pumping: Promise<void> = Promise.resolve();
  /** Bumped by a restart: work of the process before must not write into the new one's world. */
  let life = 0;

  const pump = (): void => {
    const [ours, mine] = [world, life];
    pumping = pumping.then(async () => {
      while (mine === life && ours.queue.length > 0) {
        const id = ours.queue[0]!;
        const promise = ours.promises[id]!;
        if (promise.state === 'queued') await settle(ours, promise);
        ours.queue.shift();
      }
    });
  };
  const settle = async (ours: World, promise: HeldPromise): Promise<void> => {
    try {
      promise.result = await runJob(ours, engine, promise.job, {
        shared: sharedSamplers,
        leftovers: leftoverGradients,
      });
      promise.state = 'done';
    } catch (error) {
      promise.state = 'failed';
      promise.reason = error instanceof EngineError ? error.message : 'Unknown error';
      if (!(error instanceof EngineError)) console.error(error);
    }
  };

  const retrieve = async (id: string, late: boolean): Promise<Answer> => {
    const promise = world.promises[id];
    if (!promise) return { status: 404, body: { detail: 'Future not found' } };
    const end = performance.now() + holdMs;
    while (!late && promise.state === 'queued' && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 1));
    if (late || promise.state === 'queued')
      return notYet === 408
        ? { status: 408, body: { detail: 'Timeout waiting for result' } }
        : { status: 200, body: { type: 'try_again', request_id: id, queue_state: 'active' } };
    if (promise.handedOut && !resultsAgain)
      return {
        status: 200,
        body: { error: 'result was retrieved before', category: 'Application', seen_before: true },
      };
    promise.handedOut = true;
    if (promise.state === 'done') return { status: 200, body: promise.result!, resultOf: promise.job.path };
    return failures === 400
      ? { status: 400, body: { detail: promise.reason } }
      : { status: 200, body: { error: promise.reason, category: 'user' } };
  };

  const answer = async (path: string, method: string, body: Record<string, unknown>, fault: Fault | undefined) => {
    if (method === 'GET') return get(world, path, baseModel, `${url()}/download`);
    if (path === 'retrieve_future') {
      if (fault === 'gone') return { status: 410, body: { detail: 'gone' } };
      return retrieve(String(body.request_id), fault === 'not-yet');
    }
    const before = world.next;
    const given = post(world, engine, path, body, { repeats, baseModel, wishes });
    if (fault === 'fail')
      for (const [id, promise] of Object.entries(world.promises))
        if (Number(id) >= before && promise.state === 'queued') {
          promise.state = 'failed';
          promise.reason = 'the worker ran out of memory';
        }
    pump();
    return given;
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const address = new URL(request.url ?? '/', 'http://local');
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (address.pathname === '/download') return download(address, request, response);
    if (request.method === 'OPTIONS') return send(response, { status: origin === undefined ? 405 : 204 });
    const asked = askedOf(request, address.pathname, unpacked(Buffer.concat(chunks), request), protobuf);
    if ('status' in asked) return send(response, asked);
    const { path, body } = asked;
    const fault = faults?.({ index: calls.length, path });
    calls.push(path);
    if (fault === 'restart') {
      request.socket.destroy();
      await restart();
      return;
    }
    if (fault === 'drop') return void request.socket.destroy();
    if (fault === 'busy') return send(response, { status: 429, body: { detail: 'slow down' } });
    if (fault === 'early') return send(response, { status: 425, body: { detail: 'too early' } });
    if (fault === 'broken') return send(response, { status: 503, body: { detail: 'unavailable' } });
    if (apiKey !== undefined && request.headers['x-api-key'] !== apiKey)
      return send(response, { status: 401, body: { detail: 'invalid key' } });
    const given = await answer(path, request.method ?? 'GET', body, fault);
    if (fault === 'drop-reply') return void request.socket.destroy();
    if (fault === 'gateway') return send(response, { status: 502, body: { detail: 'bad gateway' } });
    if (fault === 'garbage') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    if (fault === 'cut-reply') {
      response.writeHead(given.status, { 'content-length': 1000 });
      response.write('{"');
      setTimeout(() => request.socket.destroy(), 1);
      return;
    }
    send(response, given, protobuf && request.headers.accept?.includes(protobufType));
  };
  const send = (response: ServerResponse, answer: Answer, asProtobuf = false): void => {
    const { status, type, bytes } = writtenOf(answer, asProtobuf);
    const { location } = answer;
    const cors = origin === undefined ? {} : corsFor(origin);
    response.writeHead(status, { 'content-type': type, ...(location !== undefined && { location }), ...cors });
    response.end(bytes);
  };
  const download = (address: URL, request: IncomingMessage, response: ServerResponse): void => {
    const held = world.checkpoints[address.searchParams.get('path') ?? ''];
    // A signed address needs no key, and must not be shown one.
    const fine = held !== undefined && request.headers['x-api-key'] === undefined;
    response.writeHead(fine ? 200 : 403).end(fine ? adapterArchive(held, alpha) : '');
  };

  const listen = async (): Promise<void> => {
    server = createServer((request, response) => {
      handle(request, response).catch((error: unknown) => {
        console.error(error);
        request.socket.destroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  };
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  const restart = (): Promise<void> => {
    restarting ??= (async () => {
      life += 1;
      await pumping;
      // Written whole beside the old one, as a server's own database is.
      writeFileSync(`${disk}.new`, serialize(world));
      renameSync(`${disk}.new`, disk);
      await stop();
      world = deserialize(readFileSync(disk));
      await listen();
      restarting = undefined;
      pump();
    })();
    return restarting;
  };
  const url = (): string => `http://127.0.0.1:${port}`;
  await listen();
  return {
    url: url(),
    baseModel,
    lm,
    params,
    tokenizer,
    world: () => world,
    calls,
    restart,
    close: async () => {
      await restarting;
      await pumping;
      await stop();
      rmSync(folder, { recursive: true, force: true });
      if (own) tf.dispose(Object.values(params));
    },
  };
}
