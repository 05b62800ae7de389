import { createRng, splitRng } from '@svo/mdp';
import type { Options } from '../options.ts';
import { drawSkippedSteps, stepKinds } from './skipped-steps.ts';
import { skippedStepsSettings } from './skipped-steps-settings.ts';
import type { Task } from './task.ts';
import { uniqueSplits } from './unique.ts';
import type { Worked } from './worked.ts';

const solutions = 8000;
const gateQuestions = 300;

/** The skipped-steps task with its questions drawn: what people, the docs and the study look at. */
export function skippedStepsTask({ seed, rounds, questions, testQuestions }: SkippedStepsSizes): Task {
  // The test questions come first, so that more training questions do not change them.
  const split = uniqueSplits(splitRng(createRng(seed), 'skipped steps'), drawSkippedSteps, {
    test: testQuestions,
    gate: gateQuestions,
    questions: rounds * questions,
    // A question with a worked solution may well be asked again by another writer; what is unseen stays unseen.
  });
  const asked = (worked: readonly Worked[] = []) => worked.map(({ question }) => question);
  const unseen = new Set([...asked(split.test), ...asked(split.gate), ...asked(split.questions)].map((q) => q.prompt));
  return {
    name: 'skipped steps',
    solutions: writers(seed, unseen),
    questions: asked(split.questions),
    test: asked(split.test),
    rows: [],
    vocabulary: { phrases: ['\n\n', 'Final Answer: '], characters: '0123456+-*=?', digitPairs: false },
    size: { hidden: 48, mlp: 144, layers: 2, heads: 4 },
    base: {
      batchSize: 32,
      learningRate: 4e-3,
      weightDecay: 0.1,
      updates: 4000,
      gate: {
        questions: asked(split.gate),
        begin: 0.95,
        plain: 0.95,
        merged: 0.4,
        updatesBetweenChecks: 50,
        cooling: 200,
      },
    },
    search: { breadth: 5, depth: 8, temperature: 1, stepTokens: 16 },
    responseTokens: 60,
    settings: skippedStepsSettings,
    kinds: stepKinds,
  };
}

type SkippedStepsSizes = Pick<Options, 'seed' | 'rounds' | 'questions' | 'testQuestions'>;

/** What the writers wrote: questions may repeat, as short ones must, but none is asked later. */
function writers(seed: number, unseen: ReadonlySet<string>): Worked[] {
  const rng = splitRng(splitRng(createRng(seed), 'skipped steps'), 'solutions');
  const worked: Worked[] = [];
  for (let i = 0; worked.length < solutions; i++) {
    const one = drawSkippedSteps(splitRng(rng, i), `solution-${worked.length}`);
    if (!unseen.has(one.question.prompt)) worked.push(one);
  }
  return worked;
}
