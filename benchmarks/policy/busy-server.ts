/**
 * How busy different schedules keep a continuous-batching server of 256 slots, over real HTTP on the real clock: the
 * table of SEARCH.md, section 3, with `fakeServer` in a process of its own and `searchMany` in this one. Beside each figure
 * stands what the same requests reach in virtual time, without HTTP.
 *
 *   node --conditions=@svo/source busy-server.ts [part of a schedule's name]
 *
 * A token's time is each row's own: large models make one in 20 to 40 ms, and the faster rows ask more of client and wire
 * than such a server would. It is chosen for each row to be over in under three minutes.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { dvoSearch, searchMany } from '@svo/mcts';
import { blankLineFormat, type Policy } from '@svo/mdp';
import { createLedger, openaiPolicy, withRetry, withUsage } from '@svo/policy';
import { fakeServer, plantedTree, type SlotUse, servedTree } from '@svo/policy/testing';
import { machine, readResults, writeResults } from '../results.ts';
import { type Latency, virtualEngine } from './virtual-engine.ts';

const slots = 256;
const tree = plantedTree({ seed: 7, branching: 8, depth: 8, minDepth: 3 });
const model = servedTree(tree);
const latencyOf = (msPerToken: number): Latency => ({ prefillMs: msPerToken / 2, msPerToken });

if (process.argv[2] === 'serve') await serve(Number(process.argv[3]));
else await measure(process.argv[2] ?? '');

async function serve(msPerToken: number): Promise<void> {
  const server = await fakeServer({ model, slots, latency: latencyOf(msPerToken), keepCalls: false });
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
  /** Expansions a tree. */
  readonly iterations: number;
  readonly msPerToken: number;
}

async function measure(part: string): Promise<void> {
  const few = { iterations: 40, msPerToken: 8 } as const;
  const many = { iterations: 16, msPerToken: 3 } as const;
  const schedules: Schedule[] = [
    { name: 'one question, one leaf', questions: 1, trees: 1, leaves: 1, order: 'free', ...few },
    { name: '32 sequential workers', questions: 64, trees: 32, leaves: 1, order: 'free', ...few },
    {
      name: 'lock-step over 256 trees',
      questions: 256,
      trees: 256,
      leaves: 1,
      order: 'ordered',
      lockStep: true,
      ...few,
    },
    { name: 'free, 64 trees × 1 leaf', questions: 256, trees: 64, leaves: 1, order: 'free', ...few },
    { name: 'free, 64 trees × 2 leaves', questions: 512, trees: 64, leaves: 2, order: 'free', ...few },
    { name: 'free, 128 trees × 2 leaves', questions: 512, trees: 128, leaves: 2, order: 'free', ...few },
    { name: 'ordered, 128 trees × 2 leaves', questions: 512, trees: 128, leaves: 2, order: 'ordered', ...few },
    { name: 'free, 64 × 2, 4096 questions', questions: 4096, trees: 64, leaves: 2, order: 'free', ...many },
    { name: 'free, 128 × 2, 4096 questions', questions: 4096, trees: 128, leaves: 2, order: 'free', ...many },
    { name: 'ordered, 128 × 2, 4096 questions', questions: 4096, trees: 128, leaves: 2, order: 'ordered', ...many },
  ];
  for (const schedule of schedules.filter(({ name }) => name.includes(part))) {
    const row = await run(schedule);
    console.log(`${row.name.padEnd(34)} busy ${percent(row.busy)}, in virtual time ${percent(row.virtual)}`, row);
    // Read again each time: other rows may have been measured meanwhile.
    const before = readResults('policy-busy-server').rows as Row[];
    const measured = new Map(before.map((known) => [known.name, known])).set(row.name, row);
    const rows = schedules.flatMap(({ name }) => measured.get(name) ?? []);
    const setting = { slots, breadth: 5, meanTokens: 40, runaway: 0.01, maxTokens: 256 };
    writeResults('policy-busy-server', { machine, setting, rows });
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

type Row = Schedule & SlotUse & { readonly virtual: number } & Record<string, unknown>;

async function run(schedule: Schedule): Promise<Row> {
  const engine = virtualEngine(model, slots, latencyOf(schedule.msPerToken));
  await engine.run(search(schedule, openai('http://virtual', engine.fetch)));

  const child = fork(import.meta.filename, ['serve', `${schedule.msPerToken}`]);
  const [url] = (await once(child, 'message')) as [string];
  const ledger = createLedger();
  const began = performance.now();
  const cpuBefore = process.cpuUsage();
  const finished = await search(schedule, withUsage(withRetry(openai(url)), ledger));
  const seconds = (performance.now() - began) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  child.send('use');
  const [use] = (await once(child, 'message')) as [SlotUse];
  child.kill();
  return {
    ...use,
    ...schedule,
    virtual: engine.use().busy,
    finished,
    seconds,
    requestsPerSecond: ledger.requests / seconds,
    cpuMsPerRequest: (cpu.user + cpu.system) / 1000 / ledger.requests,
    loadAverage: loadavg()[0],
    ledger,
  };
}

function openai(url: string, own?: typeof fetch): Policy {
  const options = { url, model: 'planted', format: blankLineFormat, maxTokens: 256 };
  return openaiPolicy(own === undefined ? options : { ...options, fetch: own });
}

/** Runs the search; how many trees it finished. */
async function search(schedule: Schedule, policy: Policy): Promise<number> {
  const { trees, leaves, order, iterations } = schedule;
  const rules = dvoSearch({ verifier: tree.verifier, iterations, breadth: 5 });
  const questions = Array.from({ length: schedule.questions }, (_, index) => tree.question(index));
  const asked = schedule.lockStep ? inStep(policy) : policy;
  let finished = 0;
  for await (const record of searchMany({ questions, policy: asked, rules, seed: 1, trees, leaves, order })) {
    if (record.kind === 'tree') finished++;
  }
  return finished;
}

/** The papers' way: all trees ask, all wait for the slowest answer. */
function inStep(policy: Policy): Policy {
  return {
    ...policy,
    proposeMany: (requests, signal) => Promise.all(requests.map((request) => policy.propose(request, signal))),
  };
}
