/**
 * How busy each way of driving a search keeps a model server: shared SEARCH.md section 3's table, in virtual time, through
 * `searchMany` itself.
 *
 *     node --conditions=@svo/source benchmarks/mcts/busy-server.ts
 */
import { dvoSearch, type SearchManyOptions, searchMany, type TreeRecord } from '@svo/mcts';
import { record } from './measure.ts';
import { virtualServer } from './virtual-server.ts';

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

const rows: Record<string, unknown>[] = [];
for (const { name, questions, published, options } of schedules) {
  const server = virtualServer();
  const trees: TreeRecord[] = [];
  const search = async (): Promise<void> => {
    const list = Array.from({ length: questions }, (_, i) => ({ id: `q${i}`, prompt: 'p' }));
    const policy = options.schedule === 'waves' ? server.batched : server.policy;
    for await (const one of searchMany({ questions: list, policy, rules, seed: 1, ...options })) {
      if (one.kind === 'tree') trees.push(one);
    }
  };
  const start = performance.now();
  await server.run(search());
  rows.push({
    schedule: name,
    questions,
    busyPercent: Number((100 * server.busy()).toFixed(1)),
    publishedPercent: published,
    requests: server.requests(),
    trees: trees.length,
    driverMicrosecondsARequest: Number((((performance.now() - start) * 1000) / server.requests()).toFixed(1)),
  });
  console.log(rows.at(-1));
}
record('busy-server', { slots: 256, candidates: 5, iterations: 40, runaway: 0.01, rows });
