/**
 * How busy different schedules keep a continuous-batching server of 256 slots, over real HTTP on the real clock: the
 * table of SEARCH.md, section 3, with `fakeServer` in a process of its own and `searchMany` in this one.
 *
 *   node --conditions=@svo/source busy-server.ts            (ten minutes, mostly waiting)
 *
 * 30 ms a token is a large model's pace; it also keeps this measurement of schedules from becoming one of the machine.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dvoSearch, searchMany } from '@svo/mcts';
import { blankLineFormat, type Policy } from '@svo/mdp';
import { createLedger, openaiPolicy, withRetry, withUsage } from '@svo/policy';
import { fakeServer, plantedTree, type SlotUse, servedTree } from '@svo/policy/testing';

const slots = 256;
const latency = { prefillMs: 20, msPerToken: 30 };
const tree = plantedTree({ seed: 7, branching: 8, depth: 6, minDepth: 3 });

if (process.argv[2] === 'serve') await serve();
else await measure();

async function serve(): Promise<void> {
  const server = await fakeServer({ model: servedTree(tree), slots, latency, keepCalls: false });
  process.send!(server.url);
  process.on('message', () => process.send!(server.use()));
}

interface Schedule {
  readonly name: string;
  /** Slow schedules get fewer questions: their busy part does not depend on how many there are. */
  readonly questions: number;
  readonly trees: number;
  readonly leaves: number;
  readonly order: 'free' | 'ordered';
  readonly lockStep?: boolean;
  /** Expansions a tree. Small trees have few leaves to ask at a time; eight keep the table short. */
  readonly iterations?: number;
}

async function measure(): Promise<void> {
  const schedules: Schedule[] = [
    { name: 'one question, one leaf', questions: 1, trees: 1, leaves: 1, order: 'free' },
    { name: '32 sequential workers', questions: 64, trees: 32, leaves: 1, order: 'free' },
    { name: 'lock-step over 256 trees', questions: 256, trees: 256, leaves: 1, order: 'ordered', lockStep: true },
    { name: 'free, 64 trees × 1 leaf', questions: 256, trees: 64, leaves: 1, order: 'free' },
    { name: 'free, 64 trees × 2 leaves', questions: 512, trees: 64, leaves: 2, order: 'free' },
    { name: 'free, 32 trees × 4 leaves', questions: 512, trees: 32, leaves: 4, order: 'free' },
    { name: 'free, 128 trees × 2 leaves', questions: 512, trees: 128, leaves: 2, order: 'free' },
    {
      name: 'free, 96 trees × 4 leaves, 24 expansions',
      questions: 512,
      trees: 96,
      leaves: 4,
      order: 'free',
      iterations: 24,
    },
    { name: 'ordered, 128 trees × 1 leaf', questions: 512, trees: 128, leaves: 1, order: 'ordered' },
  ];
  // With an argument only the schedules that it is part of the name of are measured; the others' rows are kept.
  const place = new URL('../results/policy-busy-server.json', import.meta.url);
  const before =
    process.argv[2] === undefined ? [] : (JSON.parse(await readFile(place, 'utf8')) as { rows: Row[] }).rows;
  const rows = new Map(before.map((row) => [row.name, row]));
  for (const schedule of schedules.filter(({ name }) => name.includes(process.argv[2] ?? ''))) {
    const row = await run(schedule);
    rows.set(row.name, row);
    console.log(`${schedule.name.padEnd(30)} busy ${(100 * row.busy).toFixed(1)} %  ${JSON.stringify(row)}`);
  }
  const machine = { cpu: cpus()[0]!.model, cores: cpus().length, node: process.version };
  const setting = { slots, latency, breadth: 5, iterations: 8, meanTokens: 40, runaway: 0.01, maxTokens: 256 };
  const text = JSON.stringify({ machine, setting, rows: [...rows.values()] }, null, 2);
  await writeFile(place, `${text}\n`);
}

type Row = { name: string; busy: number } & Record<string, unknown>;

async function run(schedule: Schedule): Promise<Row> {
  const child = fork(import.meta.filename, ['serve']);
  const [url] = (await once(child, 'message')) as [string];
  const ledger = createLedger();
  const http = openaiPolicy({ url, model: 'planted', format: blankLineFormat, maxTokens: 256 });
  const policy: Policy = withUsage(withRetry(schedule.lockStep ? inStep(http) : http), ledger);
  const rules = dvoSearch({ verifier: tree.verifier, iterations: schedule.iterations ?? 8, breadth: 5 });
  const questions = Array.from({ length: schedule.questions }, (_, index) => tree.question(index));
  const { trees, leaves, order } = schedule;
  const began = performance.now();
  const cpuBefore = process.cpuUsage();
  let finished = 0;
  for await (const record of searchMany({ questions, policy, rules, seed: 1, trees, leaves, order })) {
    if (record.kind === 'tree') finished++;
  }
  const seconds = (performance.now() - began) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  child.send('use');
  const [use] = (await once(child, 'message')) as [SlotUse];
  child.kill();
  const sequences = use.sequences / seconds;
  const cpuMsPerRequest = (cpu.user + cpu.system) / 1000 / ledger.requests;
  return { ...use, ...schedule, finished, seconds, sequencesPerSecond: sequences, cpuMsPerRequest, ledger };
}

/** The papers' way: all trees ask, all wait for the slowest answer. */
function inStep(policy: Policy): Policy {
  return {
    ...policy,
    proposeMany: (requests, signal) => Promise.all(requests.map((request) => policy.propose(request, signal))),
  };
}
