import type { Question } from '@svo/mdp';
import type { RowMaterial } from '@svo/recipes';
import { openTrainee } from '../learning/trainee.ts';
import type { Trained } from '../learning/training.ts';
import { openModel } from '../models/open-policy.ts';
import { openVerifier } from '../models/open-verifier.ts';
import { hasPriors } from '../models/priors.ts';
import type { RunPlan } from '../plans/run-plan.ts';
import type { RunFolder } from '../shell/run-folder.ts';
import type { Shell } from '../shell/shell.ts';
import { measure, type Score } from './evaluation.ts';
import { openFormat } from './formats.ts';
import { questionsFor } from './questions.ts';
import { assertSome, growTrees } from './searching.ts';

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

/**
 * Round after round: trees of new questions by the weights there are (or by who was named), then training on all that was
 * gathered, against the base as the reference, then a measurement.
 */
export async function runRounds(run: RunFolder, shell: Shell, plan: RunPlan): Promise<Rounds> {
  const verifier = await openVerifier(plan.verifier);
  const trainee = await openTrainee(run, shell, plan);
  const elsewhere = plan.elsewhere
    ? await openModel(plan.place, { server: plan.server, system: plan.questions.prompt.system })
    : undefined;
  try {
    const questions = await questionsFor(plan.questions, trainee.tokenizer);
    const test = plan.test && (await questionsFor(plan.test, trainee.tokenizer));
    const { evaluation, seed } = plan;
    const measured = async (stage: string): Promise<{ readonly score?: Score }> => {
      if (test === undefined) return {};
      const model = await trainee.now();
      return { score: await measure(run, shell, { stage, model, questions: test, verifier, evaluation, seed }) };
    };
    const { score } = await measured('base');
    const rounds: Round[] = [];
    let gathered: RowMaterial = { trees: [], trajectories: [], pairs: [], completions: [] };
    for (let round = 1; round <= plan.rounds; round++) {
      const stage = `round-${round}`;
      const model = elsewhere ?? (await trainee.now());
      const format = await openFormat(plan.format);
      const growing = { stage, model, verifier, format, search: plan.search, priors: hasPriors(plan), seed };
      const grown = await growTrees(run, shell, { ...growing, questions: ofRound(questions, round, plan.rounds) });
      assertSome(grown);
      gathered = together(gathered, grown.material);
      const trained = await trainee.train(stage, gathered, round === plan.rounds);
      const { material, tokens: _, ...counts } = grown;
      const done: Round = { ...trained, trees: material.trees.length, ...counts, ...(await measured(stage)) };
      await run.write(roundFile(round), `${JSON.stringify(done, undefined, 2)}\n`);
      rounds.push(done);
    }
    return { ...(score && { base: score }), rounds };
  } finally {
    await elsewhere?.close();
    await trainee.close();
  }
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
