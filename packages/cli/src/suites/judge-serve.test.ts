/** `svo judge --serve` as trainers ask it: verdicts, bounds, and what hostile clients and rows come to. Outcomes are counted, never times. */
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type JudgeServer, type JudgeServerOptions, serveJudge } from '../serving/serve-judge.ts';
import { freshFolder, svo } from '../test-support/svo.ts';

const folder = freshFolder();
const right = { answer: '1/2', response: 'So it is \\boxed{0.5}.' };
const wrong = { question: '2+2?', solution: '4', completion: 'Final Answer: 5' };

/** A verifier of a user's own that does whatever a row says. */
const hostile = join(folder, 'hostile.mjs');
writeFileSync(
  hostile,
  `const grown = [];
const does = {
  loop: () => { for (;;); },
  memory: () => { for (;;) grown.push(new Array(100_000).fill({})); },
  wait: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  regex: () => /^(a+)+$/.test('a'.repeat(60) + '!'),
  bigint: () => 9n ** (9n ** 9n),
  exit: () => process.exit(0),
  kill: () => process.kill(process.pid, 'SIGKILL'),
  throw: () => { throw new Error('no'); },
  nothing: () => undefined,
  long: () => ({ equivalent: true, how: 'x'.repeat(1e6), answer: 'y'.repeat(1e6) }),
};
export default (question, response) => does[response] ? does[response]() : { equivalent: response === question.answer, how: 'own' };
`,
);

const open: JudgeServer[] = [];
afterAll(() => Promise.all(open.map((server) => server.close())));
async function serving(options: JudgeServerOptions = {}): Promise<JudgeServer> {
  const server = await serveJudge({ workers: 2, ...options });
  open.push(server);
  return server;
}

interface Told {
  readonly correct: boolean | null;
  readonly how: string;
  readonly extracted?: string;
}
/** Whatever a reply may be; the assertions say which. */
type Reply = Told & readonly Told[] & { readonly rewards: readonly (number | null)[]; readonly error: string };
interface Health {
  readonly waiting: number;
  readonly ended: number;
}

async function post(
  { url }: { readonly url: string },
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Reply; headers: Headers }> {
  const reply = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: reply.status, body: (await reply.json()) as Reply, headers: reply.headers };
}

test('a row, a list of rows, and the columns that TRL hands to a reward function', async () => {
  const server = await serving();
  expect(await post(server, 'judge', right)).toMatchObject({ status: 200, body: { correct: true, how: 'rational' } });
  const list = await post(server, 'judge', [right, wrong, { answer: '4' }, {}]);
  expect(list.body.map(({ correct }) => correct)).toEqual([true, false, null, null]);
  expect(list.body[1]).toMatchObject({ extracted: '5' });
  expect((await post(server, 'judge', [])).body).toEqual([]);
  const columns = {
    prompts: ['a', 'b', 'c', 'd'],
    completions: ['\\boxed{1}', [{ role: 'assistant', content: '\\boxed{2}' }], '\\boxed{4}', '9^{9^9}'],
    solution: ['1', '2', '3', '1'],
    // A column of the data that is named like what is judged: the completion is what is judged.
    response: ['9', '9', '3', '1'],
  };
  expect((await post(server, 'reward', columns)).body.rewards).toEqual([1, 1, 0, null]);
  const health = await (await fetch(`${server.url}health`)).json();
  expect(health).toMatchObject({ status: 'ok', verifier: 'math', rows: 9, right: 4, wrong: 2, undecided: 3, ended: 0 });
});

test('columns have the names that the configuration gives them', async () => {
  const server = await serving({ workers: 1, columns: { answer: 'gold', response: 'text' } });
  expect((await post(server, 'judge', { gold: '1', text: '1', answer: '2' })).body.correct).toBe(true);
  expect((await post(server, 'reward', { completions: ['1'], gold: ['1'] })).body.rewards).toEqual([1]);
});

test('what cannot be served is refused with words, and the server goes on', async () => {
  const server = await serving({ workers: 1, rows: 3, bodyMb: 0.01 });
  const refused = async (path: string, body: unknown, headers = {}): Promise<[number, string]> => {
    const reply = await post(server, path, body, headers);
    return [reply.status, reply.body.error];
  };
  expect(await refused('judge', '{"answer": ')).toEqual([400, expect.stringContaining('must be JSON')]);
  expect(await refused('judge', [right, 7])).toEqual([400, 'a row must be a record { … }, got number at 1']);
  expect(await refused('judge', 'null')).toEqual([400, 'a row must be a record { … }, got null']);
  expect(await refused('judge', [right, right, right, right])).toEqual([
    413,
    expect.stringContaining('at most 3 rows'),
  ]);
  expect(await refused('judge', { ...right, prompt: 'x'.repeat(10_001) })).toEqual([
    413,
    expect.stringContaining('at most 10000 bytes'),
  ]);
  expect(await refused('judge', '['.repeat(9_000))).toEqual([400, expect.any(String)]);
  expect(await refused('judge', right, { 'content-type': 'text/plain' })).toEqual([415, expect.any(String)]);
  expect(await refused('judge', right, { 'content-encoding': 'gzip' })).toEqual([415, expect.any(String)]);
  expect(await refused('reward', { completions: ['1'] })).toEqual([
    400,
    expect.stringContaining('answers are missing'),
  ]);
  expect(await refused('reward', { completions: ['1'], answer: ['1', '2'] })).toEqual([
    400,
    'answer must be as long as completions (1), got 2',
  ]);
  expect(await refused('reward', [right])).toEqual([400, expect.stringContaining('"completions"')]);
  expect(await refused('verdict', right)).toEqual([404, expect.any(String)]);
  expect((await fetch(`${server.url}judge`)).status).toBe(405);
  expect(await post(server, 'judge', { __proto__: null, ...right, constructor: 1 })).toMatchObject({ status: 200 });
  expect((await post(server, 'judge', `{"__proto__": {"answer": "1"}, "response": "1"}`)).body.correct).toBe(null);
});

/** Bytes on a socket, and all that comes back until it closes. */
const raw = (url: string, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8').on('data', (more: string) => {
      heard += more;
    });
    socket.on('close', () => resolve(heard)).on('error', reject);
  });

test('a body without an end, headers that drip and bytes that are no HTTP are cut off', async () => {
  const server = await serving({ workers: 1, transferS: 1, bodyMb: 0.01 });
  const head = 'POST /judge HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n';
  const [headers, body, noise, large] = await Promise.all([
    raw(server.url, head),
    raw(server.url, `${head}content-length: 100\r\n\r\n{"answer`),
    raw(server.url, '\u0000\u0001 what\r\n\r\n'),
    raw(server.url, `${head}transfer-encoding: chunked\r\n\r\n3000\r\n${' '.repeat(0x3000)}\r\n`),
  ]);
  expect(headers).toMatch(/^HTTP\/1.1 408/);
  expect(body).toMatch(/^HTTP\/1.1 408/);
  expect(noise).toMatch(/^HTTP\/1.1 400/);
  expect(large).toMatch(/^HTTP\/1.1 413/);
  expect((await post(server, 'judge', right)).body.correct).toBe(true);
});

test('a verdict that does not end is ended, and keeps nobody waiting: the others are right, whatever they stand beside', async () => {
  const server = await serving({ verifier: hostile, timeLimitS: 4, memoryMb: 64 });
  // To a server a regular expression without end is a loop: `pnpm fuzz` waits for both.
  const endless = process.env.SVO_EVERY_PLACE === undefined ? ['loop'] : ['loop', 'regex'];
  const deeds = [...endless, 'memory', 'wait', 'bigint', 'exit', 'kill', 'throw', 'nothing', 'long'];
  const rows = deeds.flatMap((response) => [
    { answer: '1', response },
    { answer: '1', response: '1' },
    { answer: '1', response: '2' },
  ]);
  const [batch, ...single] = await Promise.all([
    post(server, 'judge', rows),
    ...Array.from({ length: 40 }, (_, i) => post(server, 'judge', { answer: '1', response: i % 2 ? '1' : '2' })),
  ]);
  expect(single.map(({ body }) => body.correct)).toEqual(single.map((_, i) => i % 2 === 1));
  const verdicts: readonly Told[] = batch.body;
  expect(verdicts.flatMap(({ correct }, i) => (i % 3 === 1 ? [correct] : []))).toEqual(deeds.map(() => true));
  expect(verdicts.flatMap(({ correct }, i) => (i % 3 === 2 ? [correct] : []))).toEqual(deeds.map(() => false));
  const of = (deed: string): (typeof verdicts)[number] => verdicts[3 * deeds.indexOf(deed)]!;
  for (const deed of [...endless, 'wait'])
    expect(of(deed)).toEqual({ correct: null, how: 'time limit: no verdict within 4 s' });
  for (const deed of ['exit', 'kill'])
    expect(of(deed)).toEqual({ correct: null, how: expect.stringContaining('the judging process ended') });
  // Whichever bound these meet first, they meet one.
  for (const deed of ['memory', 'bigint', 'throw', 'nothing']) expect(of(deed).correct).toBe(null);
  expect([of('long').how.length, of('long').extracted!.length]).toEqual([4_000, 4_000]);
  const health = (await (await fetch(`${server.url}health`)).json()) as Health;
  expect(health).toMatchObject({ rows: 3 * deeds.length + single.length, waiting: 0 });
  expect(health.ended).toBeGreaterThanOrEqual(endless.length + 4);
});

const waitingAt = async ({ url }: JudgeServer): Promise<number> =>
  ((await (await fetch(`${url}health`)).json()) as Health).waiting;

test('beyond the queue one is told to come again; who goes away leaves nothing in it', async () => {
  const server = await serving({ verifier: hostile, workers: 1, queue: 4, timeLimitS: 3600, requestS: 3600 });
  const leaving = new AbortController();
  const slow = fetch(`${server.url}judge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(Array.from({ length: 5 }, () => ({ answer: '1', response: 'loop' }))),
    signal: leaving.signal,
  });
  while ((await waitingAt(server)) < 4);
  const late = await post(server, 'judge', { answer: '1', response: '1' });
  expect([late.status, late.headers.get('retry-after')]).toEqual([429, '1']);
  leaving.abort();
  await expect(slow).rejects.toThrow();
  while ((await waitingAt(server)) > 0);
});

test('rows of a request whose time is up are undecided', async () => {
  const server = await serving({ verifier: hostile, workers: 1, timeLimitS: 3600, requestS: 1 });
  const { status, body } = await post(server, 'judge', [
    { answer: '1', response: 'loop' },
    { answer: '1', response: '1' },
  ]);
  expect([status, body.length]).toEqual([200, 2]);
  expect(body).toEqual([0, 1].map(() => ({ correct: null, how: 'time limit of the request' })));
  expect(await waitingAt(server)).toBe(0);
});

test('other names, and other addresses without a token, are not served', async () => {
  const { url } = await serving({ workers: 1 });
  const status = await new Promise((resolve, reject) =>
    request(`${url}health`, { headers: { host: 'evil.example' } }, (reply) => resolve(reply.resume().statusCode))
      .once('error', reject)
      .end(),
  );
  expect(status).toBe(421);
  await expect(serveJudge({ host: '0.0.0.0' })).rejects.toThrow('set SVO_JUDGE_TOKEN');
});

test('the command listens, answers, is asked for its token, and stops when told to; it says no secret', async () => {
  const seen: unknown[] = [];
  process.env.SVO_JUDGE_TOKEN = 'a-secret-of-mine';
  const ended = await svo(
    folder,
    ['judge', '--serve', '--set', 'serve.workers=1', '--verifier', 'gsm8k'],
    async (line, stop) => {
      const { event, url } = JSON.parse(line);
      if (event !== 'listening') return;
      try {
        seen.push((await post({ url }, 'judge', right)).status);
        const reply = await post({ url }, 'judge', right, { authorization: 'Bearer a-secret-of-mine' });
        seen.push(reply.status, reply.body.correct);
      } finally {
        stop();
      }
    },
  ).finally(() => {
    delete process.env.SVO_JUDGE_TOKEN;
  });
  expect([ended.err, ended.code, seen]).toEqual(['', 0, [401, 200, true]]);
  expect(ended.events.at(-1)).toMatchObject({ event: 'done', command: 'judge', rows: 1, right: 1 });
  expect(ended.out + ended.err).not.toContain('secret');
});

test('what cannot be is named', async () => {
  const message = async (...args: string[]): Promise<string> => (await svo(folder, ['judge', ...args])).err;
  expect(await message('--port', '8300')).toContain('--port: is for --serve');
  writeFileSync(join(folder, 'broken.mjs'), 'throw new Error("a fault of its own")');
  expect(await message('--serve', '--verifier', 'broken.mjs')).toContain('did not start: verifier: broken.mjs');
  await expect(serveJudge({ rows: 0 })).rejects.toThrow('serve.rows must be at least 1, got 0');
  await expect(serveJudge({ worker: 1 } as JudgeServerOptions)).rejects.toThrow('worker');
});
