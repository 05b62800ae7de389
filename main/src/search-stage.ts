/** Search with the current policy: one tree a question, kept as it is finished, none searched twice. */
import { readFileSync } from 'node:fs';
import { dvoSearch, loadTree, type Rules, saveTree, searchMany, svpoSearch, type Tree } from '@svo/mcts';
import { blankLineFormat, contentHash, type Question } from '@svo/mdp';
import { localPolicy, type Params } from '@svo/models';
import { mathVerifier } from '@svo/verify';
import type { Bar } from './bars.ts';
import type { Learner } from './learner.ts';
import type { Objective, Options } from './options.ts';
import type { Recipe } from './recipe.ts';
import { files, type RunFolder } from './run-folder.ts';

/** How many trees grow side by side: enough requests a wave to keep the matrix products large. */
const treesTogether = 128;

/**
 * Grows a tree for every question and saves each when it is finished. A tree depends on its question, the policy and the
 * seed alone, so after an interruption only the missing ones are searched, and they are the same to the last bit.
 */
export async function searchQuestions(
  run: RunFolder,
  round: number,
  learner: Learner,
  params: Params,
  questions: readonly Question[],
  options: Pick<Options, 'objective' | 'iterations' | 'seed'>,
  recipe: Recipe,
  bar: Bar,
): Promise<Tree[]> {
  const fileOf = ({ id }: Question): string => `${files.trees(round)}/${contentHash(id).slice(0, 16)}.tree`;
  const missing = questions.filter((question) => !run.has(fileOf(question)));
  if (missing.length > 0) {
    const { breadth, depth, temperature, maxTokens } = recipe.search;
    const policy = localPolicy({
      ...learner,
      params,
      format: blankLineFormat,
      temperature,
      maxTokens,
      id: `round-${round}`,
    });
    const rules = searchRules(options.objective, options.iterations, breadth, depth);
    let done = questions.length - missing.length;
    bar.start(questions.length, done);
    for await (const record of searchMany({
      questions: missing,
      policy,
      rules,
      seed: options.seed,
      trees: treesTogether,
    })) {
      if (record.kind !== 'tree') continue;
      await run.write(fileOf(record.question), saveTree(record.tree));
      bar.update(++done);
    }
    bar.stop();
  }
  return questions.map((question) => loadTree(readFileSync(run.path(fileOf(question)))));
}

/** SVPO searches with its own preset; every other objective learns from DVO's. */
function searchRules(objective: Objective, iterations: number, breadth: number, depth: number): Rules {
  const preset = objective === 'svpo' ? svpoSearch : dvoSearch;
  return preset({ verifier: mathVerifier, iterations, breadth, depth });
}
