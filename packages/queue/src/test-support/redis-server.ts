import { spawn, spawnSync } from 'node:child_process';
import { on, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether this machine has a Redis to test against. */
export const hasRedis: boolean = spawnSync('redis-server', ['--version']).status === 0;

/** A Redis of the test's own on a Unix socket, with the settings the docs ask for. */
export interface RedisServer {
  readonly url: string;
  /** Stops the process and starts it again on the same files. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function redisServer(): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'svo-redis-'));
  const url = join(folder, 'redis.sock');
  let end = await started(folder, url);
  return {
    url,
    restart: async () => {
      await end();
      end = await started(folder, url);
    },
    stop: async () => {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const started = async (folder: string, url: string): Promise<() => Promise<void>> => {
  const files = ['--port', '0', '--unixsocket', url, '--dir', folder, '--save', ''];
  const settings = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction'];
  const server = spawn('redis-server', [...files, ...settings], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(server, 'exit');
  for await (const [chunk] of on(server.stdout, 'data')) if (String(chunk).includes('ready to accept')) break;
  return async () => {
    server.kill();
    await exited;
  };
};
