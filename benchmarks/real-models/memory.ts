/**
 * Peak memory of real sizes beside what `memoryPlan` says, each case in a process of its own, weights random and written as a stream.
 *
 *   node --conditions=@svo/source benchmarks/real-models/memory.ts [part of a case's name]
 *
 * Results: benchmarks/results/real-models-memory.json, merged case by case.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { causalLm, type ModelConfig, memoryPlan } from '@svo/models';
import { earlier, machine, writeResults } from '../results.ts';
import { type Case, cases } from './memory-cases.ts';
import { writeRandomFolder } from './random-folder.ts';

interface Measured {
  readonly engine: string;
  readonly loadSeconds: number;
  readonly times: number[];
  readonly loss?: number;
  readonly heapBytes: number;
  readonly marks: { readonly started: number; readonly loaded: number; readonly ran: number };
}

const threads = 2;
const models = JSON.parse(readFileSync(new URL('models.json', import.meta.url), 'utf8')) as Record<string, ModelConfig>;
const gb = (bytes: number): number => Number((bytes / 1e9).toFixed(3));

function measured(given: Case, folder: string): Measured {
  const ask = JSON.stringify({ ...given, folder, threads });
  const peer = join(import.meta.dirname, 'memory-peer.ts');
  return JSON.parse(execFileSync(process.execPath, ['--conditions=@svo/source', peer, ask], { encoding: 'utf8' }));
}

function planned(given: Case, engine: string) {
  const { model, weights, checkpoint, batch, length, tokens } = given;
  return memoryPlan(causalLm(models[model]!), {
    batch,
    length,
    weights,
    engine: engine as 'wasm' | 'onnxruntime' | 'openblas',
    ...(checkpoint && { checkpoint }),
    ...(tokens ? { run: 'generate' as const } : { lora: { rank: 16, alpha: 32 } }),
  });
}

const wanted = Object.entries(cases).filter(([name]) => name.includes(process.argv[2] ?? ''));
let folder: { readonly model: string; readonly place: string } | undefined;
const drop = (): void => folder && rmSync(folder.place, { recursive: true, force: true });
try {
  for (const [name, given] of wanted) {
    if (folder?.model !== given.model) {
      drop();
      folder = { model: given.model, place: mkdtempSync(join(tmpdir(), 'svo-memory-')) };
      await writeRandomFolder(folder.place, models[given.model]!);
    }
    const { engine, loadSeconds, times, loss, heapBytes, marks } = measured(given, folder.place);
    const plan = planned(given, engine);
    const result = {
      date: new Date().toISOString(),
      load: Number(loadavg()[0]!.toFixed(1)),
      ...given,
      engine,
      peakGB: gb(marks.ran),
      planGB: gb(plan.process),
      planOverPeak: Number((plan.process / marks.ran).toFixed(3)),
      heapGB: gb(heapBytes),
      planHeapGB: gb(plan.heap.peak),
      outsideGB: gb(plan.outside),
      startedGB: gb(marks.started),
      loadedGB: gb(marks.loaded),
      loadSeconds: Number(loadSeconds.toFixed(1)),
      seconds: times.map((time) => Number((time / 1000).toFixed(2))),
      ...(loss !== undefined && { loss }),
    };
    console.log(`${name}: ${JSON.stringify(result)}`);
    const results = { ...earlier('real-models-memory'), [name]: result };
    writeResults('real-models-memory', { machine, threads, results });
  }
} finally {
  drop();
}
