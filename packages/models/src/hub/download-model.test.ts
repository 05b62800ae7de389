/** Models by their name on the Hub, against a local server that speaks its routes. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tf, useBackend } from '@svo/tensor';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadPretrained, savePretrained } from '../folders/pretrained.ts';
import { saveGguf } from '../gguf/save-gguf.ts';
import { commit, type HubBehavior, hubServer } from '../test-support/hub-server.ts';
import { smallLm } from '../test-support/small-models.ts';
import { characterTokenizer } from '../tokenizer/character-tokenizer.ts';
import { type DownloadModelOptions, downloadModel, isHubName } from './download-model.ts';

const scratch = (): string => mkdtempSync(join(tmpdir(), 'svo-'));
const lm = smallLm();
const whole = new Map<string, Buffer>();
const sharded = new Map<string, Buffer>();
let server: Awaited<ReturnType<typeof hubServer>>;
let behavior: HubBehavior;
let home: string;

beforeAll(async () => {
  await useBackend('cpu');
  const params = lm.init(1);
  for (const [files, shardBytes] of [
    [whole, 1e9],
    [sharded, 2000],
  ] as const) {
    const folder = join(scratch(), 'model');
    await savePretrained(folder, { lm, params, shardBytes, tokenizer: characterTokenizer('0123456789+=\n') });
    for (const name of readdirSync(folder)) files.set(name, readFileSync(join(folder, name)));
  }
  const path = join(scratch(), 'small.gguf');
  await saveGguf(path, { lm, params });
  whole.set('small.gguf', readFileSync(path));
  whole.set('README.md', Buffer.from('not fetched'));
  tf.dispose(params);
});

const serve = async (files = whole): Promise<void> => {
  behavior = {};
  home = scratch();
  server = await hubServer(files, behavior);
  vi.stubEnv('HF_ENDPOINT', server.endpoint);
  vi.stubEnv('HF_HOME', home);
  for (const name of ['HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE', 'HF_TOKEN', 'HF_HUB_OFFLINE']) vi.stubEnv(name, '');
};
beforeEach(() => serve());
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

const cache = (...parts: string[]): string => join(home, 'hub', 'models--org--name', ...parts);
const snapshot = (): string[] =>
  existsSync(cache('snapshots', commit)) ? readdirSync(cache('snapshots', commit)).sort() : [];
const fetched = (): string[] => server.asked.filter(({ method }) => method === 'GET').map(({ path }) => path);
const safetensors = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];

describe('a download', () => {
  test('is laid out as other tools lay theirs out, and is made once', async () => {
    const loaded = await loadPretrained('org/name');
    expect(loaded.lm.architecture).toEqual(lm.architecture);
    expect(loaded.tokenizer?.encode('1+1')).toHaveLength(3);
    tf.dispose(loaded.params);
    expect(snapshot()).toEqual(safetensors);
    expect(readFileSync(cache('refs', 'main'), 'utf8')).toBe(commit);
    for (const name of safetensors) {
      const link = readlinkSync(cache('snapshots', commit, name));
      expect(link).toMatch(/^\.\.\/\.\.\/blobs\/(?:[0-9a-f]{40}|[0-9a-f]{64})$/);
      expect(readFileSync(cache('snapshots', commit, name))).toEqual(whole.get(name));
    }
    const before = server.asked.length;
    expect(await downloadModel('org/name')).toBe(cache('snapshots', commit));
    expect(server.asked.slice(before).map(({ path }) => path)).toEqual(['/api/models/org/name/revision/main']);
  });

  test('of shards puts the index in its place last', async () => {
    await server.close();
    await serve(sharded);
    const { params } = await loadPretrained('org/name', { revision: commit });
    expect(Object.keys(params).length).toBeGreaterThan(10);
    tf.dispose(params);
    expect(snapshot().filter((name) => /^model-/.test(name)).length).toBeGreaterThan(2);
    expect(existsSync(cache('refs'))).toBe(false);
  });

  test('of a GGUF file by its name', async () => {
    const { lm: loaded, params } = await loadPretrained('org/name', { file: 'small.gguf' });
    expect(loaded.architecture.hiddenSize).toBe(16);
    tf.dispose(params);
    expect(snapshot()).toEqual(['small.gguf']);
    await expect(loadPretrained('org/name', { file: 'large.gguf' })).rejects.toThrow(
      'org/name: holds no large.gguf; of .gguf files it has small.gguf',
    );
  });

  test('goes on where the connection was cut, within a call and in the next', async () => {
    behavior.cutAfter = 3000;
    const size = whole.get('model.safetensors')!.length;
    expect(size).toBeGreaterThan(10_000);
    await expect(downloadModel('org/name')).rejects.toThrow(/model.safetensors ended at byte 9000 of \d+, 3 times/);
    expect(snapshot()).not.toContain('model.safetensors');
    expect(existsSync(cache('refs', 'main'))).toBe(false);
    await expect(loadPretrained(cache('snapshots', commit))).rejects.toThrow(/holds neither model.safetensors/);
    delete behavior.cutAfter;
    const before = server.asked.length;
    tf.dispose((await loadPretrained('org/name')).params);
    const ranges = server.asked.slice(before).filter(({ server }) => server === 'store');
    expect(ranges.map(({ range }) => range)).toEqual(['bytes=9000-']);
    expect(readdirSync(cache('blobs')).filter((name) => name.endsWith('.incomplete'))).toEqual([]);
  });

  test('begins anew where the server knows no ranges', async () => {
    behavior.cutAfter = 3000;
    await expect(downloadModel('org/name')).rejects.toThrow(/ended at byte/);
    Object.assign(behavior, { cutAfter: undefined, noRanges: true });
    tf.dispose((await loadPretrained('org/name')).params);
  });

  test('of other content than its hash says is thrown away', async () => {
    behavior.instead = Buffer.alloc(whole.get('model.safetensors')!.length);
    await expect(downloadModel('org/name')).rejects.toThrow('model.safetensors does not match its hash');
    expect(snapshot()).not.toContain('model.safetensors');
    expect(readdirSync(cache('blobs')).some((name) => name.endsWith('.incomplete'))).toBe(false);
    delete behavior.instead;
    tf.dispose((await loadPretrained('org/name')).params);
  });

  test('of more bytes than were said is refused', async () => {
    behavior.instead = Buffer.alloc(whole.get('model.safetensors')!.length + 1);
    await expect(downloadModel('org/name')).rejects.toThrow(/must have \d+ bytes, the Hub sent more/);
  });

  test('that was killed leaves nothing half-read, and the next goes on', async () => {
    behavior.stallAfter = 5000;
    const child = spawn(
      process.execPath,
      ['--conditions=@svo/source', join(import.meta.dirname, '../test-support/downloading-worker.ts')],
      { env: process.env, stdio: 'ignore' },
    );
    await new Promise<void>((resolve, reject) => {
      behavior.onStall = resolve;
      child.on('exit', () => reject(new Error('the process ended by itself')));
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    child.removeAllListeners('exit');
    child.kill('SIGKILL');
    await ended;
    expect(snapshot()).not.toContain('model.safetensors');
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    await expect(loadPretrained('org/name')).rejects.toThrow(/the cache holds no revision main of it/);
    vi.stubEnv('HF_HUB_OFFLINE', '');
    delete behavior.stallAfter;
    tf.dispose((await loadPretrained('org/name')).params);
  });
});

describe('the token', () => {
  const token = 'hf_secret-of-this-test';

  test('goes to the Hub, not to the store, and into no message', async () => {
    behavior.token = token;
    vi.stubEnv('HF_TOKEN', token);
    tf.dispose((await loadPretrained('org/name')).params);
    expect(
      server.asked
        .filter((request) => request.server === 'hub')
        .every(({ authorization }) => authorization === `Bearer ${token}`),
    ).toBe(true);
    expect(
      server.asked.filter((request) => request.server === 'store').map(({ authorization }) => authorization),
    ).toEqual([undefined]);
    behavior.token = 'another';
    const error = await downloadModel('org/name').catch((caught: unknown) => caught);
    expect(String((error as Error).stack)).toContain('the Hub answered 401');
    expect(JSON.stringify([String((error as Error).stack), String((error as Error).cause)])).not.toContain(token);
  });

  test('that is none is not shown either', async () => {
    vi.stubEnv('HF_TOKEN', 'hf_secret\nof this test');
    const error = (await downloadModel('org/name').catch((caught: unknown) => caught)) as Error;
    expect(error.message).toMatch(/HF_TOKEN must be visible ASCII/);
    expect(error.message).not.toContain('secret');
  });

  test('in an address is refused and not shown', async () => {
    vi.stubEnv('HF_ENDPOINT', 'https://user:secret@example.com');
    const error = (await downloadModel('org/name').catch((caught: unknown) => caught)) as Error;
    expect(error.message).toMatch(/HF_ENDPOINT must be an http\(s\) address without user/);
    expect(error.message).not.toContain('secret');
  });
});

describe('offline', () => {
  test('what is in the cache is read, and nothing is asked', async () => {
    await downloadModel('org/name');
    const before = server.asked.length;
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    tf.dispose((await loadPretrained('org/name')).params);
    tf.dispose((await loadPretrained('org/name', { revision: commit })).params);
    expect(server.asked.length).toBe(before);
  });

  test('what is missing is said', async () => {
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    await expect(loadPretrained('org/name')).rejects.toThrow(/the cache holds no revision main/);
    mkdirSync(cache('refs'), { recursive: true });
    writeFileSync(cache('refs', 'main'), commit);
    await expect(loadPretrained('org/name')).rejects.toThrow(
      'the cache lacks config.json and model.safetensors of org/name at revision main',
    );
    await expect(loadPretrained('org/name', { file: 'a.gguf' })).rejects.toThrow('the cache lacks a.gguf');
    expect(server.asked).toEqual([]);
  });
});

describe('names', () => {
  test('a folder of that name wins', async () => {
    const here = process.cwd();
    const folder = scratch();
    try {
      process.chdir(folder);
      const params = lm.init(2);
      await savePretrained('org/name', { lm, params });
      const loaded = await loadPretrained('org/name');
      tf.dispose([params, loaded.params]);
      expect(server.asked).toEqual([]);
      await expect(loadPretrained('org/name', { revision: 'main' })).rejects.toThrow(
        /revision is for models of the Hub/,
      );
    } finally {
      process.chdir(here);
    }
  });

  test('which are names', () => {
    expect(['Qwen/Qwen3-0.6B', 'a/b', 'HuggingFaceTB/SmolLM2-135M-Instruct'].every(isHubName)).toBe(true);
    expect(
      [
        'a',
        './a/b',
        '/a/b',
        '../b',
        'a/../b',
        'a/b/c',
        'a//b',
        'a/b.git',
        'a--b/c',
        'a/b?x',
        'a/b#c',
        'a\\b/c',
        'a/.b',
        '',
      ].some(isHubName),
    ).toBe(false);
  });

  test.each([
    ['a/b/c', {}, /name must be org\/name/],
    ['org/name', { revision: '../../x' }, /revision must be a branch/],
    ['org/name', { revision: 'a/../../b' }, /revision must be a branch/],
    ['org/name', { file: '../x.gguf' }, /file must be the plain name/],
    ['org/name', { file: 'x.bin' }, /file must be the plain name/],
    ['org/other', {}, /org\/other: its files at revision main: the Hub answered 404; there is no such folder here/],
    ['org/name', { revision: 'v2' }, /at revision v2: the Hub answered 404/],
    ['org/name', { version: 2 }, /version/],
  ])('%s %o is refused', async (name, options, message) => {
    await expect(downloadModel(name, options as DownloadModelOptions)).rejects.toThrow(message);
    expect(existsSync(join(home, 'hub'))).toBe(false);
  });

  test('a Hub that is not there is said to be', async () => {
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:1');
    await expect(loadPretrained('org/name')).rejects.toThrow(
      /http:\/\/127.0.0.1:1 could not be reached .*HF_HUB_OFFLINE=1/,
    );
  });

  test('an index that leads elsewhere is refused', async () => {
    await server.close();
    const files = new Map(sharded);
    files.set('model.safetensors.index.json', Buffer.from('{"weight_map":{"w":"../../x.safetensors"}}'));
    await serve(files);
    await expect(downloadModel('org/name')).rejects.toThrow(
      /names "..\/..\/x.safetensors", which is not among its files/,
    );
    expect(fetched().some((path) => path.includes('x.safetensors'))).toBe(false);
  });
});
