/**
 * How busy each way of driving a search keeps a model server: shared SEARCH.md section 3's table, in virtual time, through
 * `searchMany` itself.
 *
 *     node --conditions=@svo/source benchmarks/mcts/busy-server.ts
 */
import { dvoSearch, type SearchManyOptions, searchMany } from '@svo/mcts';
import { record } from './measure.ts';
import { type VirtualServerOptions, virtualServer } from './virtual-server.ts';

const rules = dvoSearch({
  iterations: 40,
  verifier: (_question, response) => ({ equivalent: response.endsWith('right\n\n'), how: 'benchmark' }),
});

const schedules: {
  readonly name: string;
  readonly questions: number;
  readonly published: number;
  readonly options: Partial<SearchManyOptions>;
}[] = [
  { name: 'one question, one leaf', questions: 24, published: 1.8, options: { trees: 1 } },
  { name: '32 sequential workers', questions: 512, published: 43.5, options: { trees: 32 } },
  { name: 'lock-step over 256 trees', questions: 512, published: 33, options: { trees: 256, schedule: 'waves' } },
  { name: 'free, 64 trees × 1 leaf', questions: 512, published: 67, options: { trees: 64, order: 'free' } },
  { name: 'free, 64 × 2', questions: 512, published: 95.4, options: { trees: 64, leaves: 2, order: 'free' } },
  {
    name: 'free, 64 × 2, many questions',
    questions: 4096,
    published: 99.4,
    options: { trees: 64, leaves: 2, order: 'free' },
  },
  { name: 'ordered, 128 × 1, many questions', questions: 4096, published: 98.6, options: { trees: 128 } },
  {
    name: 'ordered, 128 × 2, many questions',
    questions: 4096,
    published: Number.NaN,
    options: { trees: 128, leaves: 2 },
  },
  { name: 'free, 128 × 2', questions: 512, published: Number.NaN, options: { trees: 128, leaves: 2, order: 'free' } },
  { name: 'ordered, 128 × 2', questions: 512, published: Number.NaN, options: { trees: 128, leaves: 2 } },
];

/** One schedule on a server of its own. */
const run = async ({ questions, options }: (typeof schedules)[number], lengths: VirtualServerOptions = {}) => {
  const server = virtualServer(lengths);
  let trees = 0;
  const search = async (): Promise<void> => {
    const list = Array.from({ length: questions }, (_, i) => ({ id: `q${i}`, prompt: 'p' }));
    const policy = options.schedule === 'waves' ? server.batched : server.policy;
    for await (const one of searchMany({ questions: list, policy, rules, seed: 1, ...options })) {
      if (one.kind === 'tree') trees++;
    }
  };
  const start = performance.now();
  await server.run(search());
  const microseconds = (performance.now() - start) * 1000;
  return {
    busyPercent: Number((100 * server.busy()).toFixed(1)),
    requests: server.requests(),
    trees,
    driverMicrosecondsARequest: Number((microseconds / server.requests()).toFixed(1)),
  };
};

const rows: Record<string, unknown>[] = [];
for (const schedule of schedules) {
  const { name, questions, published } = schedule;
  rows.push({ schedule: name, questions, publishedPercent: published, ...(await run(schedule)) });
  console.log(rows.at(-1));
}

/**
 * How much of the table is the lengths of the steps. A tree waits for the longest of its five candidates, so k sequential
 * workers keep at most 5k/256 of the slots, times mean over longest of five: one number for 1 worker and for 32. The
 * published 1.8 % and 43.5 % need 0.92 and 0.70, so no one distribution gives both; each row has lengths that give it.
 */
const byLengths: Record<string, unknown>[] = [];
for (const lengths of [
  { spread: 0.05, longest: 100 },
  { spread: 0.2, longest: 200 },
  { spread: 0.4, longest: 400 },
  { spread: 0.4, longest: 560 },
]) {
  const busyPercent: Record<string, number> = {};
  for (const schedule of schedules.slice(0, 4)) {
    busyPercent[schedule.name] = (await run(schedule, lengths)).busyPercent;
  }
  byLengths.push({ ...lengths, busyPercent });
  console.log(byLengths.at(-1));
}
record('busy-server', { slots: 256, candidates: 5, iterations: 40, runaway: 0.01, rows, byLengths });
