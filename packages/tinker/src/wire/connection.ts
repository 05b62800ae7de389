import { assertOptions } from '@svo/mdp';
import { messageRedactor, parseRetryAfter } from '@svo/policy';
import { addressOf, baseOf, checkHeaders, isHeaderValue } from './address.ts';
import { BodyTooLong, readBody } from './body.ts';
import { ProtocolError, TinkerHttpError } from './errors.ts';
import { freshPaper, type Paper, reusedPaper } from './paper.ts';
import { linked } from './wait.ts';

/** How to reach a server that speaks the Tinker API. */
export interface ConnectionOptions {
  /** Its address, below which the paths begin with `/api/v1/`; a slash at the end changes nothing. */
  readonly baseUrl: string;
  /** Sent as `X-API-Key`, where it is given. A function is asked before every request, for keys that change. */
  readonly apiKey?: string | (() => string | Promise<string>);
  /** Further headers, such as a proxy's token. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds for one request, body included; default 120,000. Long work is waited for in many requests. */
  readonly timeoutMs?: number;
  /** Milliseconds that one question after a result may be held; default 45,000, as the official SDK's. */
  readonly pollMs?: number;
  /** Milliseconds in all that a request is sent again while the server can't be reached or is busy; default 300,000. */
  readonly retryMs?: number;
  /** Milliseconds of the first wait between tries, each next one twice as long, up to 30 s; default 500. */
  readonly firstWaitMs?: number;
  /** Milliseconds in all to wait for one result; default an hour. */
  readonly resultMs?: number;
  /** Longest reply to read, in bytes; default 256 MiB. */
  readonly maxBytes?: number;
  /** The `fetch` to use instead of the global one. */
  readonly fetch?: typeof fetch;
}

/** The names of {@link ConnectionOptions}. */
export const connectionOptions: readonly (keyof ConnectionOptions)[] = [
  'baseUrl',
  'apiKey',
  'headers',
  'timeoutMs',
  'pollMs',
  'retryMs',
  'firstWaitMs',
  'resultMs',
  'maxBytes',
  'fetch',
];

/** The waits, with their defaults. */
export type Waits = Required<
  Pick<ConnectionOptions, 'timeoutMs' | 'pollMs' | 'retryMs' | 'firstWaitMs' | 'resultMs' | 'maxBytes'>
>;

const defaults: Waits = {
  timeoutMs: 120_000,
  pollMs: 45_000,
  retryMs: 300_000,
  firstWaitMs: 500,
  resultMs: 3_600_000,
  maxBytes: 256 * 2 ** 20,
};

/** A reply of any status, read to its end. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  /** What `Retry-After` asks for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

/** A body that is bytes already. */
export interface Body {
  readonly bytes: Uint8Array;
  readonly type: string;
  /** How it is compressed, where it is. */
  readonly encoding?: 'zstd';
}

/** What one request is. */
export interface Asked {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** Sent as JSON, unless it is bytes. */
  readonly body?: object | Body;
  /** What the reply may be; JSON by default. */
  readonly accept?: string;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly maxBytes?: number;
}

/** Sends one request, once. Rejects with a TinkerHttpError of status 0 when no whole reply came, and with the signal's reason. */
export interface Connection {
  readonly waits: Waits;
  readonly send: (asked: Asked) => Promise<Reply>;
  /** Fetches another address, such as a download's, without the key. */
  readonly fetchPlain: (address: string, asked: Omit<Asked, 'method' | 'path' | 'body'>) => Promise<Reply>;
  readonly base: URL;
  /** Memory for one model's bodies. */
  readonly paper: () => Paper;
  /** Takes keys, and pieces of them, out of words about a reply. */
  readonly redact: (text: string) => string;
}

/** Checks the options and opens nothing; the key stays in a closure. */
export function connection(caller: string, options: ConnectionOptions): Connection {
  assertOptions(caller, options, connectionOptions);
  const { apiKey, headers = {}, fetch: ownFetch } = options;
  const waits = waitsOf(caller, options);
  const base = baseOf(caller, options.baseUrl);
  checkHeaders(caller, headers);
  const unfit = `${caller}: apiKey must be printable ASCII without line breaks (value not shown)`;
  if (typeof apiKey === 'string' && !isHeaderValue(apiKey)) throw new RangeError(unfit);
  const secrets = new Set([...Object.values(headers), ...(typeof apiKey === 'string' ? [apiKey] : [])]);
  let redact = messageRedactor([...secrets]);
  const keyNow = async (): Promise<string | undefined> => {
    const key = typeof apiKey === 'function' ? await apiKey() : apiKey;
    if (key === undefined) return undefined;
    if (!isHeaderValue(key)) throw new RangeError(unfit);
    if (!secrets.has(key)) redact = messageRedactor([...secrets.add(key)]);
    return key;
  };
  const exchange = async (name: string, url: URL, asked: Omit<Asked, 'path'>, sent: RequestInit): Promise<Reply> => {
    const link = linked([asked.signal]);
    let late: TinkerHttpError | undefined;
    const timer = setTimeout(
      () => {
        late = new TinkerHttpError(name, 0, `none within ${asked.timeoutMs} ms`);
        link.abort(late);
      },
      Math.min(asked.timeoutMs, 2 ** 31 - 1),
    );
    try {
      const response = await (ownFetch ?? fetch)(url, { ...sent, redirect: 'manual', signal: link.signal });
      const bytes = await readBody(response.body, asked.maxBytes ?? waits.maxBytes);
      const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), Date.now());
      return { status: response.status, headers: response.headers, bytes, retryAfterMs };
    } catch (error) {
      if (asked.signal.aborted) throw asked.signal.reason;
      if (late !== undefined && error === late) throw late;
      if (error instanceof BodyTooLong) throw new ProtocolError(name, `it is ${error.message} (see maxBytes)`);
      throw new TinkerHttpError(name, 0, redact(networkWords(error)));
    } finally {
      clearTimeout(timer);
      link.release();
    }
  };
  return {
    waits,
    base,
    // `fetch` copies what it sends; whether another one does, nobody knows.
    paper: ownFetch === undefined ? reusedPaper : () => freshPaper,
    redact: (text) => redact(text),
    send: async (asked) => {
      if (asked.signal.aborted) throw asked.signal.reason;
      const key = await keyNow();
      const { method, path, accept = 'application/json' } = asked;
      const body = bodyOf(asked.body);
      return exchange(path, addressOf(base, path), asked, {
        method,
        headers: {
          accept,
          ...(body && { 'content-type': body.type }),
          ...(body?.encoding && { 'content-encoding': body.encoding }),
          ...(key === undefined ? {} : { 'x-api-key': key }),
          ...headers,
        },
        ...(body && { body: body.bytes as NonNullable<RequestInit['body']> }),
      });
    },
    fetchPlain: async (address, asked) => {
      if (!URL.canParse(address, base.href)) throw new ProtocolError('archive', 'its location is no address');
      const url = new URL(address, base.href);
      if (!/^https?:$/.test(url.protocol)) throw new ProtocolError('archive', `its location is ${url.protocol}`);
      return exchange('archive', url, { ...asked, method: 'GET' }, { method: 'GET' });
    },
  };
}

function bodyOf(body: Asked['body']): Body | (Omit<Body, 'bytes'> & { readonly bytes: string }) | undefined {
  if (body === undefined || 'bytes' in body) return body;
  return { bytes: JSON.stringify(body), type: 'application/json' };
}

function waitsOf(caller: string, options: ConnectionOptions): Waits {
  const names = Object.keys(defaults) as (keyof Waits)[];
  const waits = Object.fromEntries(names.map((name) => [name, options[name] ?? defaults[name]])) as unknown as Waits;
  for (const name of names)
    if (!(waits[name] > 0)) throw new RangeError(`${caller}: ${name} must be > 0, got ${waits[name]}`);
  return waits;
}

/** `fetch failed` says nothing; the code beneath it (ECONNREFUSED, UND_ERR_SOCKET, …) does. */
function networkWords(error: unknown): string {
  if (!(error instanceof Error)) return 'the connection failed';
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? `${error.message} (${String(cause.code)})` : error.message;
}
