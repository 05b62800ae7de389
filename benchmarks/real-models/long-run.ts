/**
 * Many LoRA steps on the 0.5B shape: does memory stay, and does a run that goes on from a checkpoint end in the same bytes?
 *
 *   node --conditions=@svo/source benchmarks/real-models/long-run.ts [steps=500] [resumed from=400] [tokens=32]
 *
 * A process takes all steps and saves at `resumed from`; another goes on from a copy of that checkpoint; the files of both last checkpoints are compared. Results:
 * benchmarks/results/real-models-long-run.json.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { machine, writeResults } from '../results.ts';
import { writeRandomFolder } from './random-folder.ts';

interface Mark {
  readonly step: number;
  readonly loss: number;
  readonly residentMB: number;
  readonly heapMB: number;
  readonly numTensors: number;
}

const [, , steps = '500', from = '400', tokens = '32'] = process.argv;
const place = mkdtempSync(join(tmpdir(), 'svo-long-run-'));

function run(checkpoints: string): {
  readonly marks: readonly Mark[];
  readonly engine: string;
  readonly seconds: number;
} {
  const began = performance.now();
  const peer = join(import.meta.dirname, 'long-run-peer.ts');
  const args = ['--conditions=@svo/source', peer, join(place, 'model'), checkpoints, steps, from, tokens];
  const lines = execFileSync(process.execPath, args, { encoding: 'utf8' }).trim().split('\n');
  const { engine } = JSON.parse(lines.pop()!) as { readonly engine: string };
  return {
    marks: lines.map((line) => JSON.parse(line)),
    engine,
    seconds: Math.round((performance.now() - began) / 1000),
  };
}

/** The checkpoint of a step: its folder's name and every file's hash. */
function files(
  checkpoints: string,
  step: string,
): { readonly folder: string; readonly hashes: Readonly<Record<string, string>> } {
  const folder = readdirSync(checkpoints).find((name) => Number(/\d+$/.exec(name)?.[0]) === Number(step));
  if (folder === undefined)
    throw new Error(`no checkpoint of step ${step} in ${checkpoints}: ${readdirSync(checkpoints)}`);
  const hash = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(checkpoints, folder, name)))
      .digest('hex');
  return {
    folder,
    hashes: Object.fromEntries(readdirSync(join(checkpoints, folder)).map((name) => [name, hash(name)])),
  };
}

try {
  mkdirSync(join(place, 'model'));
  const models = JSON.parse(readFileSync(new URL('models.json', import.meta.url), 'utf8'));
  await writeRandomFolder(join(place, 'model'), models['0.5B']);
  const [whole, parted] = [join(place, 'whole'), join(place, 'parted')];
  const first = run(whole);
  const { folder } = files(whole, from);
  cpSync(join(whole, folder), join(parted, folder), { recursive: true });
  const second = run(parted);
  const [one, other] = [files(whole, steps).hashes, files(parted, steps).hashes];
  const sameBytes = JSON.stringify(one) === JSON.stringify(other);
  const record = {
    steps: Number(steps),
    resumedFrom: Number(from),
    batch: 1,
    tokens: Number(tokens),
    load: loadavg()[0],
    engine: first.engine,
  };
  writeResults('real-models-long-run', {
    machine,
    ...record,
    seconds: [first.seconds, second.seconds],
    sameBytes,
    files: Object.keys(one),
    marks: first.marks,
    resumedMarks: second.marks,
  });
  console.log(JSON.stringify({ ...record, sameBytes, files: one, last: first.marks.at(-1) }));
  if (!sameBytes) throw new Error(`the resumed run parted: ${JSON.stringify({ one, other })}`);
} finally {
  rmSync(place, { recursive: true, force: true });
}
