/** A disk that ends within a file leaves nothing half-read: models, GGUF files, checkpoints, downloads; on a file system of its own where one may be mounted, and under a limit of file size everywhere else. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { causalLm, loadPretrained, savePretrained } from '@svo/models';
import { tf } from '@svo/tensor';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { hubServer, type RunningHub } from '../packages/models/src/test-support/hub-server.ts';

const run = promisify(execFile);
const worker = join(import.meta.dirname, 'support/full-disk-worker.ts');
const scratch = (): string => mkdtempSync(join(tmpdir(), 'svo-full-'));

/** A shell whose next command meets the end of the disk, and the error that says so. */
interface Way {
  readonly code: string;
  readonly shell: readonly string[];
  /** What limits a save, and a download. */
  readonly before: (folder: string, download: boolean) => string;
}

const ways: Readonly<Record<string, Way>> = {
  // 256 blocks of 512 bytes in a file, or 16.
  'a limit of file size': {
    code: 'EFBIG',
    shell: ['sh', '-c'],
    before: (_, download) => `ulimit -f ${download ? 16 : 256}`,
  },
  // A small model fits into 128 KiB beside a file of nothing, a download into the 12 that one of 116 leaves does not.
  'a file system of its own': {
    code: 'ENOSPC',
    shell: ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c'],
    before: (folder, download) =>
      `mount -t tmpfs -o size=128k none ${folder} && head -c ${download ? 118_784 : 0} /dev/zero > ${folder}/filler`,
  },
};

const isPossible = ({ shell, before }: Way): boolean => {
  if (process.platform === 'win32') return false;
  const [command, ...rest] = [...shell, before(scratch(), false)];
  try {
    execFileSync(command!, rest, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const outcome = async (way: Way, kind: string, folder: string): Promise<Record<string, unknown>> => {
  const line = `${way.before(folder, kind === 'downloadModel')} && exec "$0" --conditions=@svo/source "$1" ${kind} ${folder}`;
  const [command, ...rest] = [...way.shell, line, process.execPath, worker];
  return JSON.parse((await run(command!, rest)).stdout);
};

let hub: RunningHub;
let size = 0;
beforeAll(async () => {
  const lm = causalLm({
    model_type: 'llama',
    vocab_size: 32,
    hidden_size: 32,
    intermediate_size: 64,
    num_hidden_layers: 1,
    num_attention_heads: 2,
  });
  const folder = join(scratch(), 'model');
  await savePretrained(folder, { lm, params: lm.init(1) });
  const files = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
  size = files.get('model.safetensors')!.length;
  hub = await hubServer(files, {});
  for (const name of ['HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE', 'HF_TOKEN', 'HF_HUB_OFFLINE']) vi.stubEnv(name, '');
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await hub.close();
});

describe.each(Object.entries(ways))('%s', (_, way) => {
  const possible = isPossible(way);

  test.skipIf(!possible).each(['saveGguf', 'savePretrained', 'saveCheckpoint'])(
    '%s: what was there stays, whole, and nothing beside it',
    async (kind) => {
      expect(await outcome(way, kind, scratch())).toEqual({ code: way.code, untouched: true, loads: true });
    },
  );

  test.skipIf(!possible)('a download is not taken for whole, and goes on once there is room', async () => {
    const home = scratch();
    vi.stubEnv('HF_HOME', home);
    const { code, offline, kept, later } = await outcome(way, 'downloadModel', home);
    expect(code).toBe(way.code);
    expect(offline).toMatch(/the cache holds no revision main/);
    const weights = (kept as [string, number][]).filter(([name]) => /safetensors|incomplete/.test(name));
    expect(weights).toHaveLength(1);
    expect(weights[0]![0]).toMatch(/\.incomplete$/);
    expect(weights[0]![1]).toBeLessThan(size);
    if (way.code === 'ENOSPC') expect(later).toBe(12);
    else {
      const { params } = await loadPretrained('org/name');
      expect(Object.keys(params)).toHaveLength(12);
      tf.dispose(params);
    }
  });
});
