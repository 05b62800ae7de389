import type { IncomingMessage } from 'node:http';
import type { ColumnsConfig } from '../config/config.ts';
import type { Asked, RowVerdict } from '../stages/judging.ts';
import type { JudgePool } from './judge-pool.ts';
import { bodyBytes, type ServeLimits } from './limits.ts';
import { busy, readBody } from './read-body.ts';
import { columnsOf, rowsOf } from './read-rows.ts';
import { Refusal } from './refusal.ts';

/** What answers are made with. */
export interface Answering {
  readonly pool: JudgePool;
  readonly verifier: string;
  readonly columns: ColumnsConfig;
  readonly limits: ServeLimits;
}

/** The answer to an admitted request, as what is to be JSON. @throws Refusal */
export async function answerTo(
  request: IncomingMessage,
  { pool, verifier, columns, limits }: Answering,
  { hold, signal }: { readonly hold: (bytes: number) => boolean; readonly signal: AbortSignal },
): Promise<unknown> {
  const { method, url = '/' } = request;
  const path = url.split('?')[0];
  if (path === '/health') {
    if (method !== 'GET') throw new Refusal(405, '/health takes GET');
    return { status: 'ok', verifier, waiting: pool.waiting(), ...pool.counts };
  }
  if (path !== '/judge' && path !== '/reward')
    throw new Refusal(404, 'there are POST /judge, POST /reward and GET /health');
  if (method !== 'POST') throw new Refusal(405, `${path} takes POST`);
  if (pool.waiting() >= limits.queue) throw busy();
  const body = await readBody(request, bodyBytes(limits), hold);
  const most = { most: limits.rows, needsAnswer: pool.needsAnswer };
  const rows = path === '/judge' ? rowsOf(body, columns, limits.rows) : columnsOf(body, columns, most);
  const verdicts = await judged(pool, rows, limits, signal);
  if (path === '/judge') return Array.isArray(body) ? verdicts : verdicts[0];
  return { rewards: verdicts.map(reward), how: verdicts.map(({ how }) => how) };
}

/** 1 for right, 0 for wrong, null (Python's `None`, which TRL leaves out) where the judge can't tell. */
const reward = ({ correct }: RowVerdict): number | null => (correct === null ? null : Number(correct));

async function judged(
  pool: JudgePool,
  rows: readonly Asked[],
  { queue, requestS }: ServeLimits,
  gone: AbortSignal,
): Promise<readonly RowVerdict[]> {
  // A request may always be the first, whatever its size.
  if (pool.waiting() > 0 && pool.waiting() + rows.length > queue) throw busy();
  const over = new AbortController();
  const stop = (): void => over.abort();
  const timer = setTimeout(stop, requestS * 1000);
  gone.addEventListener('abort', stop, { once: true });
  if (gone.aborted) stop();
  const verdicts = await pool.judge(rows, over.signal);
  clearTimeout(timer);
  gone.removeEventListener('abort', stop);
  return verdicts;
}
