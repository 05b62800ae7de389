/** What a round learns from: for every question a tree with values, by independent draws or by search. */
import { readFileSync } from 'node:fs';
import {
  drawnTrajectories,
  dvoSearch,
  loadTree,
  prefixTree,
  type Rules,
  sampleTrajectories,
  saveTree,
  searchMany,
  type Tree,
} from '@svo/mcts';
import { blankLineFormat, contentHash, type Question, type ValuedTrajectory } from '@svo/mdp';
import { localPolicy, type Params, stepDraws } from '@svo/models';
import { mathVerifier } from '@svo/verify';
import type { Job } from '../job.ts';
import type { Source } from '../options.ts';
import { createBar } from '../shell/bars.ts';
import { files } from '../shell/run-folder.ts';
import { drawResponses } from './answers.ts';

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
}

/**
 * A tree for every question, saved as it is finished: it depends on its question, the weights and the seed alone, so after
 * an interruption only the missing ones are made, and they are the same to the last bit.
 */
export async function gather(job: Job, place: Place, params: Params): Promise<Gathered> {
  const { run, timings } = job;
  const fileOf = ({ id }: Question): string => `${files.trees(place.name)}/${contentHash(id).slice(0, 16)}.tree`;
  const grown = new Map<string, Tree>();
  const missing: Question[] = [];
  for (const question of place.questions) {
    if (run.has(fileOf(question))) grown.set(question.id, loadTree(readFileSync(run.path(fileOf(question)))));
    else missing.push(question);
  }
  if (missing.length > 0) {
    await timings.measure(place.source, async () => {
      const bar = createBar(`${place.name}: ${place.source}`, 'questions');
      bar.start(place.questions.length, grown.size);
      for await (const tree of growers[place.source](job, { ...place, questions: missing }, params)) {
        await run.write(fileOf(tree.question), saveTree(tree));
        grown.set(tree.question.id, tree);
        bar.update(grown.size);
      }
      bar.stop();
    });
  }
  const trees = place.questions.map(({ id }) => grown.get(id)!);
  return { trees, trajectories: trees.flatMap((tree) => trajectoriesOf[place.source](tree, job.options.seed)) };
}

/** All that was drawn, as often as it was; of a search at most four right and four wrong ones, as DVO does. */
const trajectoriesOf: Readonly<Record<Source, (tree: Tree, seed: number) => readonly ValuedTrajectory[]>> = {
  draws: (tree) => drawnTrajectories(tree),
  trees: (tree, seed) => sampleTrajectories(tree, { seed }),
};

/** How each source makes a tree of a question. */
const growers: Readonly<Record<Source, (job: Job, place: Place, params: Params) => AsyncIterable<Tree>>> = {
  draws: drawTrees,
  trees: searchTrees,
};

async function* drawTrees(job: Job, { name, questions }: Place, params: Params): AsyncGenerator<Tree> {
  const how = { decoding: 'sampled', samples: job.options.draws, purpose: name } as const;
  for await (const { question, drawn } of drawResponses(job, params, questions, how)) {
    const responses = drawn
      .filter(({ text = '' }) => text !== '')
      .map((generation) => {
        const steps = blankLineFormat.split(generation.text ?? '');
        const draws = stepDraws(job.learner.tokenizer, generation, steps);
        return { steps, finished: generation.finish === 'end', draws };
      });
    yield prefixTree(question, responses, { verifier: mathVerifier });
  }
}

/** How many trees grow side by side: enough requests a wave to keep the matrix products large. */
const treesTogether = 128;

async function* searchTrees(job: Job, { name, questions }: Place, params: Params): AsyncGenerator<Tree> {
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
  const rules: Rules = dvoSearch({ verifier: mathVerifier, iterations: options.iterations, breadth, depth });
  for await (const record of searchMany({ questions, policy, rules, seed: options.seed, trees: treesTogether }))
    if (record.kind === 'tree') yield record.tree;
}
