/**
 * Trees a second that become training rows, a tree being 80 expansions of 5 (about 400 nodes) with texts, on one core.
 *
 *     node --expose-gc --conditions=@svo/source benchmarks/mcts/extraction.ts
 */
import { dvoSearch, extractPairs, prmRows, sampleTrajectories, searchMany, type Tree } from '@svo/mcts';
import { type Measured, measured, record } from './measure.ts';
import { virtualServer } from './virtual-server.ts';

const rules = dvoSearch({
  verifier: (_question, response) => ({ equivalent: response.endsWith('right\n\n'), how: 'benchmark' }),
});
const server = virtualServer();
const trees: Tree[] = [];
await server.run(
  (async () => {
    const questions = Array.from({ length: 64 }, (_, i) => ({ id: `q${i}`, prompt: 'What is 2 + 3?' }));
    for await (const one of searchMany({ questions, policy: server.policy, rules, seed: 1 })) {
      if (one.kind === 'tree') trees.push(one.tree);
    }
  })(),
);

const processor = (): number => process.cpuUsage().user + process.cpuUsage().system;
const bench = (
  work: (tree: Tree) => readonly unknown[],
): { perSecond: Measured; rowsATree: number; heapGrowthMiB: number } => {
  for (const tree of trees) work(tree);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  let rows = 0;
  const runs = Array.from({ length: 9 }, () => {
    const start = processor();
    for (let round = 0; round < 8; round++) for (const tree of trees) rows += work(tree).length;
    return (8 * trees.length) / ((processor() - start) / 1e6);
  });
  globalThis.gc?.();
  const heapGrowthMiB = Number(((process.memoryUsage().heapUsed - before) / 2 ** 20).toFixed(2));
  return { perSecond: measured(runs), rowsATree: Number((rows / (72 * trees.length)).toFixed(1)), heapGrowthMiB };
};

record('extraction', {
  unit: 'trees a second of processor time',
  trees: trees.length,
  meanNodes: Math.round(trees.reduce((sum, { size }) => sum + size, 0) / trees.length),
  extractPairs: bench((tree) => extractPairs(tree)),
  sampleTrajectories: bench((tree) => sampleTrajectories(tree)),
  prmRows: bench((tree) => prmRows(tree)),
  both: bench((tree) => [...extractPairs(tree), ...sampleTrajectories(tree)]),
});
