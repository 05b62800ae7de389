/**
 * `kill -9` at 200 random bytes of a journal: each time a search in a process of its own writes up to that byte and not one
 * further, and is killed there, mostly in the middle of an event; the file it leaves is opened, the search resumed, and its
 * trees compared bit for bit with those of the search that nobody interrupted.
 *
 *     node --conditions=@svo/source benchmarks/mcts/kill.ts
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Journal, memoryJournal, openJournal, replayJournal, saveTree, searchMany, type Tree } from '@svo/mcts';
import { createRng, splitRng, uniforms } from '@svo/mdp';
import { readFrames } from '../../packages/mcts/src/search/journal/journal-frames.ts';
import { drill, drillPolicy } from '../../packages/mcts/src/test-support/journal-drill.ts';
import { record } from './measure.ts';

const KILLS = 200;

/** Trees as saved bytes, one after the other by question. */
const saved = (trees: readonly Tree[]): Buffer =>
  Buffer.concat(trees.toSorted((a, b) => (a.question.id < b.question.id ? -1 : 1)).map((tree) => saveTree(tree)));

const run = async (journal: Journal): Promise<Buffer> => {
  const trees: Tree[] = [];
  for await (const one of searchMany({ ...drill, policy: drillPolicy(), journal })) {
    if (one.kind === 'tree') trees.push(one.tree);
  }
  return saved(trees);
};

/** Runs the search until its journal has `last` bytes, and dies there. */
const runUpTo = async (path: string, last: number): Promise<void> => {
  const { writeSync } = fs;
  let written = 0;
  fs.writeSync = ((file: number, bytes: Uint8Array, offset: number, length: number, position: number): number => {
    const some = Math.min(length, last - written);
    writeSync(file, bytes, offset, some, position);
    written += some;
    if (written === last) process.kill(process.pid, 'SIGKILL');
    return some;
  }) as typeof writeSync;
  await run(openJournal(path));
};

const [, , path, last] = process.argv;
if (path !== undefined) {
  await runUpTo(path, Number(last));
  throw new Error('the search ended before it was killed');
}

const folder = fs.mkdtempSync(join(tmpdir(), 'svo-kill-'));
const whole = memoryJournal();
const straight = await run(whole);
const bytes = whole.bytes();
let torn = 0;
let identical = 0;
for (const u of uniforms(splitRng(createRng(17), 'kills'), KILLS)) {
  const at = 1 + Math.floor(u * bytes.length);
  const file = join(folder, `${at}.journal`);
  const { signal } = spawnSync(process.execPath, [...process.execArgv, import.meta.filename, file, String(at)]);
  const left = new Uint8Array(fs.readFileSync(file));
  if (signal !== 'SIGKILL' || left.length !== at)
    throw new Error(`not killed at byte ${at}: ${signal}, ${left.length}`);
  if (readFrames(left, file).end < at) torn++;
  const journal = openJournal(file);
  const same = straight.equals(await run(journal));
  journal.close();
  // Questions may take turns in another order than they did, so the journal may differ; what it says may not.
  const replayed = replayJournal(new Uint8Array(fs.readFileSync(file)), drill.rules).map(({ tree }) => tree);
  if (same && straight.equals(saved(replayed))) identical++;
  else console.log(`killed at byte ${at}: another tree`);
  fs.rmSync(file);
}
fs.rmSync(folder, { recursive: true });
record('kill', {
  kills: KILLS,
  journalBytes: bytes.length,
  inTheMiddleOfAnEvent: torn,
  resumedBitIdentical: identical,
});
