import { inspect } from 'node:util';
import { fakeServer } from '@svo/policy/testing';
import { describe, expect, it } from 'vitest';
import { readText } from './body.ts';
import { type ConnectionOptions, connection } from './connection.ts';
import { PolicyError } from './errors.ts';

const replying =
  (response: () => Response): typeof fetch =>
  async () =>
    response();
const post = (options: Partial<ConnectionOptions>, signal?: AbortSignal): Promise<unknown> =>
  connection('test', { url: 'http://127.0.0.1:9', ...options }).post('/x', {}, readText, signal);
const failureOfPost = async (options: Partial<ConnectionOptions>): Promise<unknown> => {
  const error = await post(options).catch((thrown: unknown) => thrown);
  return PolicyError.isInstance(error) ? error.failure : error;
};

describe('an address', () => {
  it.each([
    ['nonsense', 'no address'],
    ['ftp://host', 'ftp:'],
    ['http://user:hunter22@host', 'apiKey'],
  ])('%s is refused, and not quoted where it may hold a password', (url, words) => {
    expect(() => connection('openaiPolicy', { url })).toThrow(words);
    expect(() => connection('openaiPolicy', { url })).not.toThrow('hunter22');
  });

  it('keeps its path, with or without a slash at the end', async () => {
    const seen: string[] = [];
    const record = (async (url: URL) => {
      seen.push(url.href);
      return new Response('ok');
    }) as typeof fetch;
    for (const url of ['http://h/v1', 'http://h/v1/', 'http://h', 'http://h/a/b?k=v'])
      await post({ url, fetch: record });
    expect(seen).toEqual(['http://h/v1/x', 'http://h/v1/x', 'http://h/x', 'http://h/a/b/x?k=v']);
  });
});

describe('a key', () => {
  it('goes into the header, fresh from its function each time', async () => {
    const seen: unknown[] = [];
    let turn = 0;
    const record = (async (_: URL, init: RequestInit) => {
      seen.push((init.headers as Record<string, string>).authorization);
      return new Response('ok');
    }) as typeof fetch;
    const server = connection('test', { url: 'http://h', apiKey: async () => `changing-key-${++turn}`, fetch: record });
    await server.post('/x', {}, readText);
    await server.post('/x', {}, readText);
    expect(seen).toEqual(['Bearer changing-key-1', 'Bearer changing-key-2']);
    expect(server.redact('changing-key-1 changing-key-2')).toBe('[redacted] [redacted]');
  });

  it('that no header can hold is refused without being shown', async () => {
    const secret = 'sk-abc\ninjected: yes';
    const thrown = (() => {
      try {
        return connection('openaiPolicy', { url: 'http://h', apiKey: secret });
      } catch (error) {
        return error;
      }
    })();
    expect(String(thrown)).toContain('openaiPolicy: apiKey must be printable ASCII');
    expect(inspect(thrown)).not.toContain('sk-abc');
    expect(await failureOfPost({ apiKey: () => secret })).toMatchObject({ kind: 'refused' });
    expect(JSON.stringify(await failureOfPost({ apiKey: () => secret }))).not.toContain('sk-abc');
  });

  it('is not in an error even when the cut of a long message goes through it', async () => {
    const apiKey = 'sk-0123456789-0123456789';
    for (let before = 370; before < 410; before++) {
      const body = `${'x'.repeat(before)}${apiKey}`;
      const failure = JSON.stringify(
        await failureOfPost({ apiKey, fetch: replying(() => new Response(body, { status: 500 })) }),
      );
      expect(failure).not.toContain('sk-0');
    }
  });

  it('is not in an error that fetch makes of it, nor in its cause', async () => {
    const apiKey = 'sk-thrown-by-fetch';
    const failing = (async () => {
      throw new TypeError(`bad header ${apiKey}`, { cause: new Error(`inner ${apiKey}`) });
    }) as typeof fetch;
    const error = await post({ apiKey, fetch: failing }).catch((thrown: unknown) => thrown);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('thrown-by-fetch');
    expect(PolicyError.isInstance(error) && error.failure).toMatchObject({ kind: 'connection' });
  });

  it('is known in a header and in an address too, where the name says so; ordinary values stay words', () => {
    const { redact } = connection('test', {
      url: 'http://h/v1?api-version=2026-01-01&key=in-the-address',
      headers: { 'Ocp-Subscription-Key': 'in-a-header', 'x-priority': 'important' },
    });
    expect(redact('in-the-address, in-a-header, important, 2026-01-01')).toBe(
      '[redacted], [redacted], important, 2026-01-01',
    );
  });

  it('reaches a server that wants it', async () => {
    const server = await fakeServer({ apiKey: 'right-key' });
    const ask = (apiKey: string): Promise<string> =>
      connection('test', { url: server.url, apiKey }).post(
        '/v1/completions',
        { prompt: 'Add', max_tokens: 1 },
        readText,
      );
    expect(await ask('right-key')).toContain('choices');
    await expect(ask('wrong-key')).rejects.toThrow('HTTP 401: wrong key');
    await server.close();
  });
});

describe('a reply', () => {
  it.each([
    [429, 'rate-limit'],
    [408, 'timeout'],
    [504, 'timeout'],
    [413, 'refused'],
    [500, 'server'],
    [503, 'server'],
    [400, 'refused'],
    [401, 'refused'],
    [404, 'refused'],
    [422, 'refused'],
    [302, 'refused'],
  ])('of status %i is a failure of kind %s', async (status, kind) => {
    expect(await failureOfPost({ fetch: replying(() => new Response('why', { status })) })).toMatchObject({ kind });
  });

  it('of an error with a body without end still ends', async () => {
    const endless = (): Response =>
      new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(10_000)) }), {
        status: 500,
      });
    expect(await failureOfPost({ fetch: replying(endless) })).toMatchObject({ kind: 'server', message: 'HTTP 500' });
  });

  it('that nobody sends is a failure that names the cause', async () => {
    const gone = await fakeServer();
    await gone.close();
    expect(await failureOfPost({ url: gone.url })).toMatchObject({
      kind: 'connection',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });
});

it.each([
  [{ timeoutMs: 0 }, 'timeoutMs must be > 0, got 0'],
  [{ maxBytes: -1 }, 'maxBytes must be > 0, got -1'],
])('refuses %j', (options, words) => {
  expect(() => connection('test', { url: 'http://h', ...options })).toThrow(words);
});
