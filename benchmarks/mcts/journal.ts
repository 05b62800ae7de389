/**
 * What a journal costs: bytes an event beside the texts, and events written (to a file, each handed to the system at once)
 * and replayed a second.
 *
 *     node --conditions=@svo/source benchmarks/mcts/journal.ts
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dvoSearch, openJournal, replayJournal, searchMany } from '@svo/mcts';
import { readFrames } from '../../packages/mcts/src/search/journal/journal-frames.ts';
import { measured, record } from './measure.ts';
import { virtualServer } from './virtual-server.ts';

const rules = dvoSearch({
  verifier: (_question, response) => ({ equivalent: response.endsWith('right\n\n'), how: 'benchmark' }),
});
const folder = mkdtempSync(join(tmpdir(), 'svo-bench-'));
const processor = (): number => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;

const run = async (path: string | undefined): Promise<number> => {
  const server = virtualServer();
  const journal = path === undefined ? undefined : openJournal(path);
  const questions = Array.from({ length: 64 }, (_, i) => ({ id: `q${i}`, prompt: 'What is 2 + 3?' }));
  const search = async (): Promise<void> => {
    const options = { questions, policy: server.policy, rules, seed: 1, ...(journal === undefined ? {} : { journal }) };
    for await (const one of searchMany(options))
      if (one.kind === 'tree' && one.tree.size === 0) throw new Error('empty');
  };
  const start = processor();
  await server.run(search());
  const seconds = processor() - start;
  journal?.close();
  return seconds;
};

await run(undefined);
const without: number[] = [];
const withJournal: number[] = [];
const replays: number[] = [];
let size = 0;
let events = 0;
let texts = 0;
for (let round = 0; round < 5; round++) {
  const path = join(folder, `${round}.journal`);
  without.push(await run(undefined));
  withJournal.push(await run(path));
  const bytes = new Uint8Array(readFileSync(path));
  const start = processor();
  const searches = replayJournal(bytes, rules);
  replays.push(processor() - start);
  size = bytes.length;
  events = readFrames(bytes, path).payloads.length;
  texts = searches.reduce((sum, { tree }) => sum + tree.texts.added.reduce((all, text) => all + text.length, 0), 0);
}
rmSync(folder, { recursive: true });
record('journal', {
  events,
  bytesAnEventBesideTexts: Number(((size - texts) / events).toFixed(1)),
  bytesAnAskAndItsAnswerBesideTexts: Number(((2 * (size - texts)) / events).toFixed(1)),
  replayedEventsASecond: measured(replays.map((seconds) => events / seconds)),
  searchSeconds: measured(without),
  searchSecondsWithJournal: measured(withJournal),
});
