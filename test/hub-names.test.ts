/** `--model org/name`: fetched from a server that speaks the Hub's routes, kept, found again offline, and refused by name where it is not. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { freshFolder, svo } from '../packages/cli/src/test-support/svo.ts';
import { chatPairs, tinyModel } from '../packages/cli/src/test-support/tiny-model.ts';
import { commit, hubServer, type RunningHub } from '../packages/models/src/test-support/hub-server.ts';

const folder = freshFolder();
const home = mkdtempSync(join(tmpdir(), 'svo-hub-'));
const dpo = (model: string, out: string): string[] => [
  ...['train', '--model', model, '--data', 'chat.jsonl', '--objective', 'dpo', '--out', out],
  ...['--set', 'train.batchSize=4', '--set', 'train.updates=2'],
];
let hub: RunningHub;

beforeAll(async () => {
  const model = await tinyModel(freshFolder());
  hub = await hubServer(new Map(readdirSync(model).map((name) => [name, readFileSync(join(model, name))])), {});
  chatPairs(join(folder, 'chat.jsonl'), 8);
});
beforeEach(() => {
  for (const name of ['HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE', 'HF_TOKEN', 'HF_HUB_OFFLINE']) vi.stubEnv(name, '');
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
  vi.stubEnv('HF_HOME', home);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await hub.close();
});

const fetched = (): string[] => hub.asked.filter(({ method }) => method === 'GET').map(({ path }) => path);

test('a name is fetched once, trained, and found again where nothing may be asked', async () => {
  const first = await svo(folder, dpo('org/name', 'a'));
  expect([first.err, first.code]).toEqual(['', 0]);
  expect(first.events.at(-1)).toMatchObject({ event: 'done', updates: 2 });
  expect(fetched().filter((path) => path.endsWith('/model.safetensors'))).not.toEqual([]);
  expect(readdirSync(join(home, 'hub/models--org--name/snapshots', commit))).toContain('model.safetensors');
  expect(existsSync(join(folder, 'a/model/model.safetensors'))).toBe(true);

  const before = hub.asked.length;
  vi.stubEnv('HF_HUB_OFFLINE', '1');
  const second = await svo(folder, dpo('org/name', 'b'));
  expect([second.err, second.code]).toEqual(['', 0]);
  expect(hub.asked).toHaveLength(before);
  const [one, other] = ['a', 'b'].map((out) => readFileSync(join(folder, out, 'model/model.safetensors')));
  expect(Buffer.compare(one!, other!)).toBe(0);
});

test.each([
  ['a model that the Hub has not', 'org/other', {}, /org\/other: .*the Hub answered 404; there is no such folder here/],
  [
    'offline, one that was never fetched',
    'org/never',
    { HF_HUB_OFFLINE: '1' },
    /no folder org\/never here.*cache holds no/,
  ],
  [
    'a Hub that is not there',
    'org/other',
    { HF_ENDPOINT: 'http://127.0.0.1:1' },
    /127\.0\.0\.1:1 could not be reached/,
  ],
])('%s is said in a line, and nothing is left', async (_, model, environment, said) => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const out = mkdtempSync(join(folder, 'refused-'));
  const ended = await svo(folder, dpo(model, out));
  expect(ended.code).toBe(1);
  expect(ended.err.trim()).toMatch(said);
  expect(ended.err.trim().split('\n')).toHaveLength(1);
  expect(existsSync(join(out, 'model'))).toBe(false);
});

test('a folder of that name wins, and the Hub is not asked', async () => {
  mkdirSync(join(folder, 'own'), { recursive: true });
  await tinyModel(join(folder, 'own'));
  const before = hub.asked.length;
  expect((await svo(folder, dpo('own/model', 'd'))).code).toBe(0);
  expect(hub.asked).toHaveLength(before);
});
