import type { Failure } from '@svo/mdp';
import { readBounded, readText } from './body.ts';
import { withinDeadline } from './deadline.ts';
import { failureOf, PolicyError, policyError } from './errors.ts';
import { connectionError } from './network.ts';
import { kindOfStatus } from './reply-error.ts';
import { parseRetryAfter } from './retry-after.ts';
import { messageRedactor, redactor } from './secrets.ts';

/** How to reach a model server. */
export interface ConnectionOptions {
  /** Base address, such as `http://127.0.0.1:8000`. A path is kept as given; without one the protocol's own is used. */
  readonly url: string;
  /** Sent as `Authorization: Bearer …`. A function is asked before every request, for keys that change. */
  readonly apiKey?: string | (() => string | Promise<string>);
  /** Further headers. Values of those whose name speaks of a key, a token, a secret, a cookie or the like count as secrets. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds for a whole request, body included. Default 120,000. */
  readonly timeoutMs?: number;
  /** Longest reply to read, in bytes. Default 16 MiB. */
  readonly maxBytes?: number;
  /** The `fetch` to use instead of the global one: a proxy, an agent, a recorder. */
  readonly fetch?: typeof fetch;
}

/** A server that takes JSON by POST. `read` gets the reply's text as it arrives; whatever goes wrong is a PolicyError. */
export interface Connection {
  readonly base: URL;
  readonly post: <T>(
    path: string,
    body: unknown,
    read: (chunks: AsyncIterable<string>) => Promise<T>,
    signal?: AbortSignal,
  ) => Promise<T>;
  /** Removes every secret of this connection from a step. */
  readonly redact: (text: string) => string;
  /** Removes them, and pieces of them, from words about a reply. */
  readonly redactMessage: (text: string) => string;
}

/** The names of `ConnectionOptions`, for who checks options that extend them. */
export const connectionOptions: readonly (keyof ConnectionOptions)[] = [
  'url',
  'apiKey',
  'headers',
  'timeoutMs',
  'maxBytes',
  'fetch',
];

/** Names of headers and of fields of an address whose values are secrets. */
const secretName = /auth|key|token|secret|cookie|pass/i;

/** How much of an error page is worth quoting. */
const quoted = 400;
const errorPageBytes = 64 * 2 ** 10;

/**
 * Opens nothing: checks the options and keeps the key in a closure, out of reach of JSON, `console.log` and ids.
 * Throws RangeError for an address or a key that can't work.
 */
export function connection(name: string, options: ConnectionOptions): Connection {
  const { apiKey, headers = {}, timeoutMs = 120_000, maxBytes = 16 * 2 ** 20 } = options;
  const base = parseBase(name, options.url);
  if (!(timeoutMs > 0)) throw new RangeError(`${name}: timeoutMs must be > 0, got ${timeoutMs}`);
  if (!(maxBytes > 0)) throw new RangeError(`${name}: maxBytes must be > 0, got ${maxBytes}`);
  for (const [header, value] of Object.entries(headers)) {
    if (!headerName.test(header))
      throw new RangeError(`${name}: headers must have names of letters, digits and dashes`);
    checkHeader(name, 'headers', value);
  }
  const fixed = [
    ...Object.entries(headers).flatMap(([header, value]) => (secretName.test(header) ? [value] : [])),
    ...[...base.searchParams].flatMap(([field, value]) => (secretName.test(field) ? [value] : [])),
  ];
  if (typeof apiKey === 'string') checkHeader(name, 'apiKey', apiKey);
  const seen = new Set(typeof apiKey === 'string' ? [...fixed, apiKey] : fixed);
  let redact = redactor([...seen]);
  let redactMessage = messageRedactor([...seen]);

  const currentKey = async (): Promise<string | undefined> => {
    if (typeof apiKey !== 'function') return apiKey;
    const key = await settled(apiKey).catch((error: unknown) => {
      throw connectionError(error, true);
    });
    if (!isHeaderValue(key)) throw policyError('refused', unfitHeader(name, 'apiKey'));
    if (!seen.has(key)) {
      seen.add(key);
      redact = redactor([...seen]);
      redactMessage = messageRedactor([...seen]);
    }
    return key;
  };

  const send = async <T>(
    path: string,
    body: unknown,
    read: (chunks: AsyncIterable<string>) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> => {
    const key = await currentKey();
    const address = new URL(base.pathname.replace(/\/$/, '') + path, base);
    address.search = base.search;
    const ownCode = options.fetch !== undefined;
    const asked = {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...headers,
      },
      body: JSON.stringify(body),
      signal,
    } as const;
    const response = await settled(() => (options.fetch ?? fetch)(address, asked)).catch((error: unknown) => {
      throw connectionError(error, ownCode);
    });
    if (!response.ok) throw new PolicyError(await refusal(response, redactMessage));
    return read(readBounded(response.body, maxBytes, ownCode));
  };

  return {
    base,
    redact: (text) => redact(text),
    redactMessage: (text) => redactMessage(text),
    post: (path, body, read, signal) =>
      withinDeadline(
        (inner) =>
          send(path, body, read, inner).catch((error: unknown) => {
            throw clean(error, redactMessage);
          }),
        { signal, timeoutMs },
      ),
  };
}

/** What a caller's function gives or throws, at once or later, as a promise. */
const settled = async <T>(work: () => T | Promise<T>): Promise<T> => work();

/** The address of a server whose native endpoints stand beside `/v1`, from one that may name `/v1`. */
export function besideV1<Options extends ConnectionOptions>(options: Options): Options {
  return { ...options, url: options.url.replace(/\/v1\/?$/, '') };
}

function parseBase(name: string, url: string): URL {
  const hint = `${name}: url must be an http(s) address without user or password`;
  if (!URL.canParse(url)) throw new RangeError(`${hint}, got something that is no address`);
  const base = new URL(url);
  if (!/^https?:$/.test(base.protocol)) throw new RangeError(`${hint}, got ${base.protocol}`);
  if (base.username !== '' || base.password !== '') throw new RangeError(`${hint}; pass the key as apiKey`);
  return base;
}

/** `fetch` would quote a bad header in its own error; refusing it here keeps the key out of that. */
function checkHeader(name: string, field: string, value: string): void {
  if (!isHeaderValue(value)) throw new RangeError(unfitHeader(name, field));
}

const isHeaderValue = (value: string): boolean => /^[\x20-\x7e]+$/.test(value);
const headerName = /^[\w!#$%&'*+.^`|~-]+$/;
const unfitHeader = (name: string, field: string): string =>
  `${name}: ${field} must be printable ASCII without line breaks (value not shown)`;

/** Redacts before it cuts: a key cut in two would no longer be recognised. */
async function refusal(response: Response, redact: (text: string) => string): Promise<Failure> {
  const detail = redact(
    await readText(readBounded(response.body, errorPageBytes)).catch((error: unknown) => {
      // The status says enough; but a defect stays a defect.
      failureOf(error);
      return '';
    }),
  );
  const redirect = response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400);
  const hint = redirect ? ': redirects are not followed, give the final address as url' : '';
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), Date.now());
  return {
    kind: kindOfStatus(response.status),
    message: `HTTP ${response.status}${hint}${detail === '' ? '' : `: ${detail.slice(0, quoted)}`}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** Every failure that leaves has its message redacted; causes are dropped, since they may hold headers. Defects pass as they are. */
function clean(error: unknown, redact: (text: string) => string): unknown {
  if (!PolicyError.isInstance(error)) return error;
  return new PolicyError({ ...error.failure, message: redact(error.failure.message) });
}
