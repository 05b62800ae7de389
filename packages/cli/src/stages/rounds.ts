import type { Question } from '@svo/mdp';
import { type LoadedLearner, loadLearner, type RowMaterial } from '@svo/recipes';
import { disposeTensors } from '@svo/train';
import { openLoaded, openModel } from '../models/open-policy.ts';
import { openVerifier } from '../models/open-verifier.ts';
import { hasPriors } from '../models/priors.ts';
import type { RunPlan } from '../plans/run-plan.ts';
import { files, type RunFolder } from '../shell/run-folder.ts';
import type { Shell } from '../shell/shell.ts';
import { measure, type Score } from './evaluation.ts';
import { openFormat } from './formats.ts';
import { questionsFor } from './questions.ts';
import { assertSome, growTrees } from './searching.ts';
import { runTraining, type Trained } from './training.ts';

/** What a round came to. */
export interface Round extends Trained {
  readonly trees: number;
  readonly right: number;
  readonly wrong: number;
  readonly failed: number;
  readonly score?: Score;
}

/** The whole of it. */
export interface Rounds {
  readonly base?: Score;
  readonly rounds: readonly Round[];
}

/** What a round came to, for people. */
const roundFile = (round: number): string => `round-${round}.json`;
const modelOf = (round: number, rounds: number): string =>
  round === rounds ? files.model : files.weights(`round-${round}`);

/**
 * Round after round: trees of new questions by the weights there are (or by who was named), then training on all that was
 * gathered, against the base as the reference, then a measurement.
 */
export async function runRounds(run: RunFolder, shell: Shell, plan: RunPlan): Promise<Rounds> {
  const base = await loadLearner(plan.model);
  const verifier = await openVerifier(plan.verifier);
  const elsewhere = plan.elsewhere
    ? await openModel(plan.place, { server: plan.server, system: plan.questions.prompt.system })
    : undefined;
  try {
    const questions = await questionsFor(plan.questions, base.learner.tokenizer);
    const test = plan.test && (await questionsFor(plan.test, base.learner.tokenizer));
    const { evaluation, seed } = plan;
    const measured = async (stage: string, loaded: LoadedLearner): Promise<{ readonly score?: Score }> => {
      if (test === undefined) return {};
      const model = openLoaded(loaded);
      return { score: await measure(run, shell, { stage, model, questions: test, verifier, evaluation, seed }) };
    };
    const { score } = await measured('base', base);
    const rounds: Round[] = [];
    let current = base;
    let gathered: RowMaterial = { trees: [], trajectories: [], pairs: [], completions: [] };
    for (let round = 1; round <= plan.rounds; round++) {
      const stage = `round-${round}`;
      const model = elsewhere ?? openLoaded(current);
      const format = await openFormat(plan.format);
      const growing = { stage, model, verifier, format, search: plan.search, priors: hasPriors(plan), seed };
      const grown = await growTrees(run, shell, { ...growing, questions: ofRound(questions, round, plan.rounds) });
      assertSome(grown);
      gathered = together(gathered, grown.material);
      const place = modelOf(round, plan.rounds);
      const trained = await trainRound(run, shell, plan, { stage, current, base, gathered, place });
      const { material, tokens: _, ...counts } = grown;
      if (current !== base) disposeTensors(current.params);
      current = await loadLearner(run.path(place));
      const done: Round = { ...trained, trees: material.trees.length, ...counts, ...(await measured(stage, current)) };
      await run.write(roundFile(round), `${JSON.stringify(done, undefined, 2)}\n`);
      rounds.push(done);
    }
    return { ...(score && { base: score }), rounds };
  } finally {
    await elsewhere?.close();
  }
}

/** A finished training is read back, the one at hand goes on where it was stopped. */
async function trainRound(
  run: RunFolder,
  shell: Shell,
  { train, seed }: RunPlan,
  at: {
    readonly stage: string;
    readonly current: LoadedLearner;
    readonly base: LoadedLearner;
    readonly gathered: RowMaterial;
    readonly place: string;
  },
): Promise<Trained> {
  const { stage, current: loaded, base, gathered: material, place: model } = at;
  const file = `${stage}-trained.json`;
  if (run.has(file)) return run.readJson(file);
  const training = { stage, job: train, loaded, reference: base.params, material, seed, model };
  const trained = await runTraining(run, shell, training);
  await run.write(file, JSON.stringify(trained));
  return trained;
}

/** Each round has questions of its own: the n-th part of them. With fewer questions than rounds all take all. */
function ofRound(questions: readonly Question[], round: number, rounds: number): readonly Question[] {
  const part = Math.floor(questions.length / rounds);
  return part === 0 ? questions : questions.slice((round - 1) * part, round === rounds ? undefined : round * part);
}

const together = (a: RowMaterial, b: RowMaterial): RowMaterial => ({
  trees: [...a.trees, ...b.trees],
  trajectories: [...a.trajectories, ...b.trajectories],
  pairs: [],
  completions: [],
});
