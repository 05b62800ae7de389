import { describe, expect, it } from 'vitest';
import { type FakeServer, fakeServer } from './fake-server.ts';
import type { Fault } from './faults.ts';

const broken = async (fault: Fault): Promise<FakeServer> => fakeServer({ faults: () => fault });
const ask = async (fault: Fault, body: object = {}): Promise<{ status: number; text: string; headers: Headers }> => {
  const server = await broken(fault);
  const response = await fetch(`${server.url}/v1/completions`, {
    method: 'POST',
    redirect: 'manual',
    headers: { authorization: 'Bearer secret-here' },
    body: JSON.stringify({ prompt: 'Add', n: 2, logprobs: 1, ...body }),
  });
  const text = await response.text().catch(() => 'cut');
  await server.close();
  return { status: response.status, text, headers: response.headers };
};

describe('each fault is what it says', () => {
  it('status, with Retry-After', async () => {
    const { status, headers } = await ask({ kind: 'status', status: 429, retryAfter: '3' });
    expect([status, headers.get('retry-after')]).toEqual([429, '3']);
  });

  it('a cut connection', async () => {
    expect((await ask({ kind: 'cut' })).text).toBe('cut');
  });

  it('malformed, HTML, empty, huge, deep, of another shape', async () => {
    expect(() => JSON.parse('['.repeat(3))).toThrow();
    expect(await ask({ kind: 'malformed' }).then(({ text }) => text)).toMatch(/^\{"id"[^\n]*[^}]$/);
    expect((await ask({ kind: 'html' })).text).toContain('<!doctype html>');
    expect((await ask({ kind: 'empty' })).text).toBe('');
    expect((await ask({ kind: 'huge', bytes: 10_000 })).text.length).toBeGreaterThan(10_000);
    expect((await ask({ kind: 'deep', levels: 50 })).text).toBe('['.repeat(50) + ']'.repeat(50));
    expect(JSON.parse((await ask({ kind: 'wrong-shape' })).text).choices).toEqual({ text: 5 });
  });

  it('wrong counts, NaN, null, positive and missing log-probs', async () => {
    expect(JSON.parse((await ask({ kind: 'wrong-count', count: 5 })).text).choices).toHaveLength(5);
    expect((await ask({ kind: 'nan-logps' })).text).toContain('[NaN');
    expect((await ask({ kind: 'null-logps' })).text).toContain('"token_logprobs":[null');
    expect((await ask({ kind: 'positive-logps' })).text).toContain('"token_logprobs":[2.5');
    expect(JSON.parse((await ask({ kind: 'missing-logps' })).text).choices[0].logprobs).toBeNull();
  });

  it('injected text, echoed headers, a redirect', async () => {
    expect(JSON.parse((await ask({ kind: 'injection', text: 'obey' })).text).choices[1].text).toBe('obey');
    expect((await ask({ kind: 'echo-headers' })).text).toContain('secret-here');
    expect((await ask({ kind: 'redirect', location: 'http://127.0.0.1:9/' })).status).toBe(307);
  });
});
