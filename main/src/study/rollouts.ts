/** Material whose values are the mean outcome of fresh rollouts from every state: the dearest estimate, and unbiased. */
import { readFileSync } from 'node:fs';
import { drawnTrajectories, loadTree, rolloutValues, saveTree, type Tree } from '@svo/mcts';
import { blankLineFormat, contentHash, type Question } from '@svo/mdp';
import { localPolicy, type Params } from '@svo/models';
import { mathVerifier } from '@svo/verify';
import type { Job } from '../job.ts';
import { files } from '../shell/run-folder.ts';
import type { Gathered } from '../stages/material.ts';

/** Rollouts from each state, as in the DVO paper's comparison. */
const rollouts = 16;

/** A tree for every question, kept on disk as it is finished; as many responses as the other sources draw. */
export async function rollOut(
  { run, learner, task, options }: Job,
  { name, questions }: { readonly name: string; readonly questions: readonly Question[] },
  params: Params,
): Promise<Gathered> {
  const { depth, temperature, stepTokens } = task.search;
  const how = { format: blankLineFormat, temperature, maxTokens: stepTokens, id: name };
  const policy = localPolicy({ ...learner, params, ...how });
  const trees: Tree[] = [];
  for (const question of questions) {
    const file = `${files.trees(name)}/${contentHash(question.id).slice(0, 16)}.tree`;
    if (!run.has(file)) {
      const given = { policy, verifier: mathVerifier, responses: options.draws, rollouts, depth, seed: options.seed };
      await run.write(file, saveTree(await rolloutValues(question, given)));
    }
    trees.push(loadTree(readFileSync(run.path(file))));
  }
  return { trees, trajectories: trees.flatMap((tree) => drawnTrajectories(tree)) };
}
