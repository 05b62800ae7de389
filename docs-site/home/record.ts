/**
 * `node --conditions=@svo/source docs-site/home/record.ts RUN`: the home page's tree.json, from a finished run of the main job with
 * `--from draws --objective dvo`. Takes the question in which one skipped step is most clearly at fault, and of its steps those that were
 * drawn more than once.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawnTrajectories, loadTree, type Tree } from '@svo/mcts';
import { seenTree } from '../../examples/tab/story/seen-tree.ts';
import { creditOf, type Node, type RecordedTree, solutionThrough } from './tree.ts';

const run = process.argv[2];
if (run === undefined) throw new Error('which run? node docs-site/home/record.ts RUN');
const json = (name: string) => JSON.parse(readFileSync(join(run, name), 'utf8'));
const config = json('config.json');
const summary = json('summary.json');

interface Shown {
  readonly nodes: readonly Node[];
  readonly wrong: readonly number[];
  readonly right: readonly number[];
  readonly clarity: number;
}

const found = globSync('material/draws-1/trees/*.tree', { cwd: run })
  .sort()
  .flatMap((path) => shown(loadTree(readFileSync(join(run, path)))))
  .sort((a, b) => b.clarity - a.clarity)[0];
if (found === undefined) throw new Error(`no tree of ${run} has a solution that a skipped step spoilt and a right one`);

/** A tree with a wrong solution whose one bad step is skipped, and a right solution of plain steps. */
function shown(tree: Tree): Shown[] {
  const all = seenTree(tree).nodes.map(({ parent, text, value, visits, kind, right }) => {
    return { parent, text, value: Math.round(value * 1e4) / 1e4, visits, kind, right };
  });
  assertCredits(tree, all);
  const nodes = withoutRare(all);
  const ends = nodes.flatMap(({ kind, visits }, i) => (kind === 'answer' && visits > 0 ? [i] : []));
  const paths = ends.map((end) => solutionThrough(nodes, end)).filter((path) => path.length > 3);
  const right = paths.find((path) => path.every((step) => nodes[step]!.right && nodes[step]!.kind !== 'merged'));
  const wrong = paths
    .map((path) => ({ path, clarity: lostBySkipping(nodes, path) }))
    .sort((a, b) => b.clarity - a.clarity)[0];
  if (right === undefined || wrong === undefined || wrong.clarity <= 0) return [];
  return [{ nodes, wrong: wrong.path, right, clarity: wrong.clarity }];
}

/** The nodes drawn more than once, renumbered: what was drawn once has nothing below it that was drawn more often. */
function withoutRare(nodes: readonly Node[]): Node[] {
  const kept = nodes.flatMap(({ visits }, i) => (i === 0 || visits > 1 ? [i] : []));
  const places = new Map(kept.map((old, now) => [old, now]));
  return kept.map((old) => ({ ...nodes[old]!, parent: places.get(nodes[old]!.parent) ?? -1 }));
}

/** How much a wrong solution's worst step lost, where that step is skipped and wrong and not the first. */
function lostBySkipping(nodes: readonly Node[], path: readonly number[]): number {
  const credits = path.map((step) => creditOf(nodes, step));
  const worst = credits.indexOf(Math.min(...credits));
  const { kind, right } = nodes[path[worst]!]!;
  return nodes[path.at(-1)!]!.right || worst === 0 || kind !== 'merged' || right ? 0 : -credits[worst]!;
}

/** The page computes credits from values: they must be those that DVO trains on. */
function assertCredits(tree: Tree, nodes: readonly Node[]): void {
  for (const { steps, credits } of drawnTrajectories(tree)) {
    let at = 0;
    for (const [i, step] of steps.entries()) {
      at = nodes.findIndex(({ parent, text }) => parent === at && text === step.trim());
      if (Math.abs(creditOf(nodes, at) - credits[i]!) > 1e-3)
        throw new Error(`the credit of '${step.trim()}' is ${credits[i]}, and ${creditOf(nodes, at)} by its values`);
    }
  }
}

/** How many float32 weights a safetensors file holds: what follows its header, four bytes each. */
function weightsOf(file: Buffer): number {
  return (file.length - 8 - Number(file.readBigUInt64LE(0))) / 4;
}

const share = ({ accuracy, low, high }: { accuracy: number; low: number; high: number }) => ({ accuracy, low, high });
const lane = summary.draws.dvo;
const recorded: RecordedTree = {
  command: [
    'npm start -- --from draws --objective dvo',
    `--questions ${config.questions} --draws ${config.draws} --test-questions ${config.testQuestions} --seed ${config.seed} --backend ${config.backend}`,
  ].join(' '),
  weights: weightsOf(readFileSync(join(run, 'checkpoints/base/model.safetensors'))),
  before: share(summary.base.greedy),
  after: share(lane.greedy),
  wrong: found.wrong,
  right: found.right,
  nodes: found.nodes,
};
const target = join(import.meta.dirname, 'tree.json');
writeFileSync(target, `${JSON.stringify(recorded)}\n`);
console.log(
  `${found.nodes[0]!.text}: ${found.nodes.length} nodes, clarity ${found.clarity.toFixed(2)}, into ${target}`,
);
