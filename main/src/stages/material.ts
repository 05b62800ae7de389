/** What a round learns from: for every question a tree with values, by independent draws or by search. */
import {
  drawnTrajectories,
  dvoSearch,
  loadTree,
  sampleTrajectories,
  saveTree,
  searchMany,
  svpoSearch,
  svpoTrees,
  type Tree,
} from '@svo/mcts';
import { blankLineFormat, contentHash, type Question, type ValuedTrajectory } from '@svo/mdp';
import { localPolicy, type Params } from '@svo/models';
import { mathVerifier } from '@svo/verify';
import type { Job } from '../job.ts';
import type { Source } from '../options.ts';
import { createBar } from '../shell/bars.ts';
import { files, type RunFolder } from '../shell/run-folder.ts';
import { drawnTrees } from './drawn-trees.ts';

/** Trees of some questions, and the trajectories that are trained on. */
export interface Gathered {
  readonly trees: readonly Tree[];
  readonly trajectories: readonly ValuedTrajectory[];
}

/** Whose material it is: a round of one lane, or the first round, which all lanes of a source share. */
export interface Place {
  readonly source: Source;
  /** Names the folder of the trees, and the weights that drew them. */
  readonly name: string;
  readonly questions: readonly Question[];
  /** Whose search grows the trees: DVO's, one a question (default), or SVPO's, up to ten until four different right solutions. */
  readonly search?: 'dvo' | 'svpo';
}

/**
 * The trees of every question, saved as they are finished: they depend on their question, the weights and the seed alone, so
 * after an interruption only the missing ones are made, and they are the same to the last bit.
 */
export async function gather(job: Job, place: Place, params: Params): Promise<Gathered> {
  const { run, timings } = job;
  const folder = files.trees(place.name);
  const grown = new Map<string, readonly Tree[]>();
  const missing: Question[] = [];
  for (const question of place.questions) {
    const known = savedTrees(run, folder, question);
    if (known.length > 0) grown.set(question.id, known);
    else missing.push(question);
  }
  if (missing.length > 0) {
    await timings.measure(place.source, async () => {
      const bar = createBar(`${place.name}: ${place.source}`, 'questions');
      bar.start(place.questions.length, grown.size);
      for await (const trees of growers[place.source](job, { ...place, questions: missing }, params)) {
        const { question } = trees[0]!;
        // The first one last: where it is, all are.
        for (const [attempt, tree] of [...trees.entries()].reverse())
          await run.write(treeFile(folder, question, attempt), saveTree(tree));
        grown.set(question.id, trees);
        bar.update(grown.size);
      }
      bar.stop();
    });
  }
  const trees = place.questions.flatMap(({ id }) => grown.get(id)!);
  return { trees, trajectories: trees.flatMap((tree) => trajectoriesOf[place.source](tree, job.options.seed)) };
}

const treeFile = (folder: string, { id }: Question, attempt: number): string =>
  `${folder}/${contentHash(id).slice(0, 16)}${attempt === 0 ? '' : `-${attempt}`}.tree`;

function savedTrees(run: RunFolder, folder: string, question: Question): Tree[] {
  const trees: Tree[] = [];
  for (let file = treeFile(folder, question, 0); run.has(file); file = treeFile(folder, question, trees.length))
    trees.push(loadTree(run.readBytes(file)));
  return trees;
}

/** All that was drawn, as often as it was; of a search at most four right and four wrong ones, as DVO does. */
const trajectoriesOf: Readonly<Record<Source, (tree: Tree, seed: number) => readonly ValuedTrajectory[]>> = {
  draws: (tree) => drawnTrajectories(tree),
  trees: (tree, seed) => sampleTrajectories(tree, { seed }),
};

/** How each source makes the trees of a question, all of them at once. */
const growers: Readonly<Record<Source, (job: Job, place: Place, params: Params) => AsyncIterable<readonly Tree[]>>> = {
  draws: drawTrees,
  trees: searchTrees,
};

async function* drawTrees(job: Job, { name, questions }: Place, params: Params): AsyncGenerator<readonly Tree[]> {
  for await (const tree of drawnTrees(job, params, questions, { draws: job.options.draws, purpose: name }))
    yield [tree];
}

/** How many trees grow side by side: enough requests a wave to keep the matrix products large. */
const treesTogether = 128;

async function* searchTrees(
  job: Job,
  { name, questions, search = 'dvo' }: Place,
  params: Params,
): AsyncGenerator<readonly Tree[]> {
  const { learner, task, options } = job;
  const { breadth, depth, temperature, stepTokens } = task.search;
  const policy = localPolicy({
    ...learner,
    params,
    format: blankLineFormat,
    temperature,
    maxTokens: stepTokens,
    id: name,
  });
  const preset = search === 'svpo' ? svpoSearch : dvoSearch;
  const rules = preset({ verifier: mathVerifier, iterations: options.iterations, breadth, depth });
  const repeat = search === 'svpo' ? { repeat: svpoTrees } : {};
  const grown = new Map<string, Tree[]>();
  for await (const record of searchMany({
    questions,
    policy,
    rules,
    seed: options.seed,
    trees: treesTogether,
    ...repeat,
  })) {
    if (record.kind !== 'tree') continue;
    const trees = grown.get(record.question.id) ?? [];
    trees[record.attempt] = record.tree;
    grown.set(record.question.id, trees);
    if (!record.last) continue;
    grown.delete(record.question.id);
    yield trees;
  }
}
