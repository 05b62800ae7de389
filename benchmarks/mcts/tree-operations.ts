/**
 * Microseconds an iteration (select, expand 5, backup), bytes a node, and saving and loading, with a C++ loop of the same
 * work beside it: the same candidates, the same rules, and the same tree at the end, which is checked.
 *
 *     node --expose-gc --conditions=@svo/source benchmarks/mcts/tree-operations.ts [nodes …]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, createTree, loadTree, type Rules, saveTree, svpoSearch, type Tree, tell } from '@svo/mcts';
import type { Candidate } from '@svo/mdp';
import { ARRAY_NAMES } from '../../packages/mcts/src/files/tree-file.ts';
import { type Child, expand } from '../../packages/mcts/src/search/tell/expand.ts';
import { type Measured, measured, record } from './measure.ts';

/** The sets of five candidates that both programs draw from: xorshift32 from 42; a tenth ends, half of those rightly. */
const SETS = 4096;
const sets = (() => {
  let x = 42;
  const next = (): number => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
  return Array.from({ length: SETS }, () => Array.from({ length: 5 }, () => ({ prior: next(), end: next() })));
})();
const texts = Array.from({ length: SETS * 5 }, (_, i) => `Step ${i}: so ${i} + ${i + 1} = ${2 * i + 1}.\n\n`);
const children: Child[][] = sets.map((set, row) =>
  set.map(({ prior, end }, k) => ({
    text: texts[5 * row + k]!,
    prior,
    count: 1,
    outcome: end < 0.05 ? 'correct' : end < 0.1 ? 'wrong' : undefined,
    value: undefined,
    failure: undefined,
  })),
);
/** The same sets as a policy would give them: a wrong end is a step cut off, a right one an answer. */
const candidates: Candidate[][] = sets.map((set, row) =>
  set.map(({ prior, end }, k) => ({
    text: texts[5 * row + k]!,
    logps: [Math.log(prior), Math.log(prior)],
    count: 1,
    finish: end < 0.05 ? 'answer' : end < 0.1 ? 'length' : 'step',
  })),
);
const spent = { requests: 1, candidates: 5, tokens: 0, failures: 0, lost: 0, estimates: 0 };
const rules: Rules = {
  ...svpoSearch({ depth: 60_000, verifier: () => ({ equivalent: true, how: 'benchmark' }) }),
  stop: () => false,
};

/** Processor time of this process in microseconds, collector included: the wall's time is also that of the neighbours. */
const processor = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Twice: the second waits for the memory that the first gives back behind the scenes. */
const collect = (): void => {
  globalThis.gc?.();
  globalThis.gc?.();
};

const grow = (nodes: number, how: 'expand' | 'tell'): { tree: Tree; microseconds: number } => {
  const tree = createTree({ id: 'q', prompt: 'p' });
  const start = processor();
  let iterations = 0;
  for (; tree.size < nodes; iterations++) {
    const leaf = ask(tree, rules)!;
    if (how === 'expand') expand(tree, rules, leaf, children[iterations % SETS]!, spent);
    else tell(tree, rules, leaf, candidates[iterations % SETS]!);
  }
  return { tree, microseconds: (processor() - start) / iterations };
};

const statisticsBytes = (tree: Tree): number =>
  ARRAY_NAMES.reduce((sum, name) => sum + tree[name].BYTES_PER_ELEMENT, 0);

if (process.argv[2] === 'memory') {
  const { tree } = grow(10_000_000, 'expand');
  const processMiB = Math.round(process.memoryUsage().rss / 2 ** 20);
  const peakMiB = Math.round(process.resourceUsage().maxRSS / 2 ** 10);
  console.log(JSON.stringify({ nodes: tree.size, statisticsBytesANode: statisticsBytes(tree), processMiB, peakMiB }));
  process.exit();
}

/**
 * Seconds by the clock to save and load a tree as `tell` grew it; `own` gives every node a string of its own, where the
 * others share 20,480 as equal draws do. Each save but `saveInto` asks the system for its memory.
 */
const files = (own: boolean) => {
  const { tree } = grow(1_000_000, 'tell');
  if (own) {
    const { added } = tree.texts;
    const decoder = new TextDecoder();
    const encoder = new TextEncoder();
    for (let node = 1; node < tree.size; node++)
      added[node] = decoder.decode(encoder.encode(`${node}: ${added[node]}`));
  }
  const folder = mkdtempSync(join(tmpdir(), 'svo-bench-'));
  const path = join(folder, 'a.tree');
  const times: Record<'save' | 'saveInto' | 'load' | 'write' | 'read', number[]> = {
    save: [],
    saveInto: [],
    load: [],
    write: [],
    read: [],
  };
  const timed = <T>(into: number[], work: () => T): T => {
    collect();
    const start = performance.now();
    const result = work();
    into.push((performance.now() - start) / 1e3);
    return result;
  };
  let bytes = 0;
  for (let run = 0; run < 9; run++) {
    const saved = timed(times.save, () => saveTree(tree));
    bytes = saved.length;
    timed(times.saveInto, () => saveTree(tree, { into: saved }));
    timed(times.write, () => writeFileSync(path, saved));
    const back = timed(times.read, () => readFileSync(path));
    const loaded = timed(times.load, () => loadTree(back));
    if (loaded.visits[0] !== tree.visits[0]) throw new Error('the tree that was loaded is not the one that was saved');
  }
  rmSync(folder, { recursive: true });
  const seconds: Record<string, Measured> = Object.fromEntries(
    Object.entries(times).map(([name, runs]) => [name, measured(runs)]),
  );
  return { nodes: tree.size, megabytes: Math.round(bytes / 1e6), seconds };
};

if (process.argv[2] === 'files') {
  for (let warm = 0; warm < 2; warm++) grow(200_000, 'tell');
  console.log(JSON.stringify(files(process.argv[3] === 'own')));
  process.exit();
}

const cpp = (() => {
  const folder = mkdtempSync(join(tmpdir(), 'svo-bench-'));
  const program = join(folder, 'loop');
  execFileSync('g++', [
    '-O3',
    '-march=native',
    '-std=c++20',
    '-o',
    program,
    join(import.meta.dirname, 'tree-operations.cpp'),
  ]);
  return (nodes: number) => JSON.parse(execFileSync(program, [String(nodes)], { encoding: 'utf8' }));
})();

/** Mean depth of the nodes that were expanded: an iteration walks that far, so it is what a tree's size costs by itself. */
const meanDepth = (tree: Tree): number => {
  let expanded = 0;
  let total = 0;
  for (let node = 0; node < tree.size; node++) {
    if (tree.firstChildren[node] === -1) continue;
    expanded++;
    total += tree.depths[node]!;
  }
  return Number((total / expanded).toFixed(2));
};

const growth: Record<string, unknown>[] = [];
const sizes = process.argv.slice(2).map(Number);
for (let warm = 0; warm < 4; warm++) grow(200_000, warm % 2 === 0 ? 'tell' : 'expand');
for (const nodes of sizes.length > 0 ? sizes : [10_000, 100_000, 1_000_000, 10_000_000]) {
  const runs = nodes >= 1e7 ? 3 : nodes >= 1e6 ? 9 : 15;
  let depth = 0;
  const core: number[] = [];
  const told: number[] = [];
  const native: number[] = [];
  let same = true;
  for (let run = 0; run < runs; run++) {
    collect();
    const { tree, microseconds } = grow(nodes, 'expand');
    core.push(microseconds);
    depth = meanDepth(tree);
    const loop = cpp(nodes);
    native.push(loop.microseconds);
    same &&=
      loop.size === tree.size &&
      loop.rootVisits === tree.visits[0] &&
      Math.abs(loop.rootValue - tree.values[0]!) < 1e-9;
    collect();
    told.push(grow(nodes, 'tell').microseconds);
  }
  growth.push({
    nodes,
    meanDepth: depth,
    askExpand: measured(core),
    askTell: measured(told),
    cpp: measured(native),
    sameTree: same,
  });
  console.log(growth.at(-1));
}

/** What takes memory has a process of its own. */
const alone = (...what: string[]) =>
  JSON.parse(
    execFileSync(process.execPath, [...process.execArgv, import.meta.filename, ...what], { encoding: 'utf8' }),
  );
const memory = alone('memory');

record('tree-operations', {
  unit: 'microseconds of processor time an iteration; files in seconds by the clock',
  growth,
  memory,
  files: alone('files'),
  filesWithTextsOfTheirOwn: alone('files', 'own'),
});
