/** `svo look` as people run it: a run's page and trees, on this machine alone, until Ctrl-C. */
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { toTrlRow } from '@svo/data';
import { prefixTree, saveTree } from '@svo/mcts';
import { treeMaterial } from '@svo/recipes';
import { mathVerifier } from '@svo/verify';
import { expect, test } from 'vitest';
import { freshFolder, svo } from '../test-support/svo.ts';

const folder = freshFolder();
const run = join(folder, 'runs', 'one');
const hostile = '<script>alert(1)</script>';

const responses = [
  { steps: ['1+1=2\n\n', 'Final Answer: 3'], finished: true },
  { steps: [`1+1=3 ${hostile}\n\n`, 'Final Answer: 4'], finished: true },
];
const tree = prefixTree({ id: 'q', prompt: `1+1+1=? ${hostile}`, answer: '3' }, responses, { verifier: mathVerifier });
mkdirSync(join(run, 'trees', 'search'), { recursive: true });
writeFileSync(join(run, 'config.json'), '{"command":"run"}');
writeFileSync(join(run, 'trees', 'search', '000000-a.tree'), saveTree(tree));
const rows = treeMaterial([tree]).trajectories.map((trajectory) => `${JSON.stringify(toTrlRow(trajectory))}\n`);
writeFileSync(join(run, 'rows-search.jsonl'), rows.join(''));
const metric = (step: number): string =>
  `${JSON.stringify({ stage: 'round-1', step, loss: 1 / step, 'rewards/chosen': 0.1 * step, 'rewards/rejected': -0.1 * step, 'material/right': 0.01 })}\n`;
writeFileSync(join(run, 'metrics.jsonl'), `${metric(1)}${metric(2)}{"half`);
const answer = { id: 'q', prompt: 'q', responses: [{ response: 'r', count: 1, right: true, finished: true }], lost: 0 };
writeFileSync(join(run, 'answers-base.jsonl'), `${JSON.stringify(answer)}\n`);

/** A request with a Host header of one's own, which `fetch` does not allow. */
const get = (url: string, path: string, host?: string): Promise<{ status: number; body: string; refresh: unknown }> =>
  new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { headers: host === undefined ? {} : { host } }, (reply) => {
      let body = '';
      reply.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      reply.on('end', () => resolve({ status: reply.statusCode!, body, refresh: reply.headers.refresh }));
    });
    sent.once('error', reject).end();
  });

test('a run under way is a page that follows it; its trees unfold; nothing a model wrote is markup', async () => {
  const seen: Record<string, Awaited<ReturnType<typeof get>>> = {};
  const looking = svo(folder, ['look'], async (line, interrupt) => {
    const { url } = JSON.parse(line) as { url: string };
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    try {
      seen.first = await get(url, '/');
      appendFileSync(join(run, 'metrics.jsonl'), '\n');
      writeFileSync(join(run, 'metrics.jsonl'), metric(1) + metric(2) + metric(3));
      seen.later = await get(url, '/');
      seen.tree = await get(url, '/tree/0');
      seen.none = await get(url, '/tree/1');
      seen.outside = await get(url, '/%2e%2e/%2e%2e/etc/passwd');
      seen.rebound = await get(url, '/', 'evil.example');
      writeFileSync(join(run, 'summary.json'), '{}');
      seen.done = await get(url, '/');
    } finally {
      interrupt();
    }
  });
  const ended = await looking;
  expect([ended.err, ended.code]).toEqual(['', 0]);
  const { first, later, tree: unfolded, none, outside, rebound, done } = seen as Required<typeof seen>;
  expect([first!.status, first!.refresh]).toEqual([200, '3']);
  expect(first!.body).toContain('round-1: 2 updates');
  expect(first!.body).toContain('100.0 %');
  expect(first!.body).toContain('Only 1 % of the answers are right');
  expect(later!.body).toContain('round-1: 3 updates');
  expect(first!.body).toContain('&#60;script');
  expect(first!.body + unfolded!.body).not.toContain('<script>alert');
  expect(unfolded!.body).toContain('1+1=2');
  expect([none!.status, outside!.status, rebound!.status]).toEqual([404, 404, 421]);
  expect([done!.status, done!.refresh]).toEqual([200, undefined]);
  rmSync(run, { recursive: true });
  expect((await svo(folder, ['look'])).code).toBe(2);
});
