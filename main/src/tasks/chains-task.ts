import { createRng, splitRng } from '@svo/mdp';
import { defaultSettings } from '@svo/recipes';
import type { Options } from '../options.ts';
import { drawChain } from './chains.ts';
import type { Task } from './task.ts';
import { uniqueSplits } from './unique.ts';
import type { Worked } from './worked.ts';

const solutions = 3000;

/** Chains of arithmetic: a documented negative, where values add nothing to what RFT gains (docs/log.md). */
export function chainsTask({
  seed,
  rounds,
  questions,
  testQuestions,
}: Pick<Options, 'seed' | 'rounds' | 'questions' | 'testQuestions'>): Task {
  const splits = uniqueSplits(splitRng(createRng(seed), 'chains'), drawChain, {
    test: testQuestions,
    train: solutions + rounds * questions,
  });
  return arithmeticTask('arithmetic chains', splits.train ?? [], splits.test ?? []);
}

/** Chains drawn here or read from traces: the first solutions are the base's, the other questions are searched. */
export function arithmeticTask(name: string, train: readonly Worked[], test: readonly Worked[]): Task {
  return {
    name,
    solutions: train.slice(0, solutions),
    questions: train.slice(solutions).map(({ question }) => question),
    test: test.map(({ question }) => question),
    rows: [],
    vocabulary: {
      phrases: ['\n\n', 'Final Answer: ', ', '],
      characters: '+-*/=;?.abcdefgh ABCDEFGHIJKLMNOPQRSTUVWXYZijklmnopqrstuvwxyz:,()\n$%0123456789',
      digitPairs: true,
    },
    size: { hidden: 64, mlp: 192, layers: 2, heads: 4 },
    base: { batchSize: 24, learningRate: 3e-3, weightDecay: 0.1, updates: 600 },
    search: { breadth: 5, depth: 8, temperature: 1, stepTokens: 16 },
    responseTokens: 72,
    settings: {
      ...defaultSettings,
      // The best that was found here, and no better than RFT.
      dvo: { ...defaultSettings.dvo, beta: 0.3, learningRate: 6e-4, sftWeight: 3 },
      rft: { ...defaultSettings.rft, learningRate: 1e-3 },
      // At the defaults KTO ends at 0 % here and DPO at 4.5.
      kto: { ...defaultSettings.kto, learningRate: 1e-4 },
      dpo: { ...defaultSettings.dpo, beta: 0.3, learningRate: 1e-4 },
      'step-dpo': { ...defaultSettings['step-dpo'], learningRate: 1e-4 },
    },
  };
}
