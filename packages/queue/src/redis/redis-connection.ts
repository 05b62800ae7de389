import { Redis } from 'ioredis';

/**
 * A connection to a Redis that answers, or an error that says which one did not. BullMQ's commands may wait as long as they
 * like, so nothing times out once connected; a lost connection is taken up again.
 */
export async function connected(caller: string, url: string): Promise<Redis> {
  let reached = false;
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (reached ? Math.min(times * 100, 5000) : null),
  });
  let last: Error | undefined;
  redis.on('error', (error: Error) => {
    last = error;
    if (reached) process.emitWarning(`@svo/queue: Redis at ${withoutPassword(url)}: ${error.message}`);
  });
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    redis.disconnect();
    throw new Error(
      `${caller}: can't reach Redis at ${withoutPassword(url)}: ${(last ?? (error as Error)).message} (hint: is redis-server running there, and the password right?)`,
    );
  }
  reached = true;
  return redis;
}

/** A Redis address as it may be shown: without the password. */
function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return url;
  const shown = new URL(url);
  if (shown.password !== '') shown.password = '***';
  for (const key of shown.searchParams.keys()) if (/pass|auth/i.test(key)) shown.searchParams.set(key, '***');
  return shown.href;
}
