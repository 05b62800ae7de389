/** The parts of the study, each a list of cells. docs/study.md has a table of every one. */
import type { Settings } from '@svo/recipes';
import { skippedStepsSettings } from '../tasks/skipped-steps-settings.ts';
import type { Cell, Method, Sizes } from './cell.ts';
import { type ChainsTuned, chainsGrid, chainsSettings, outcomeSettings, type Tuned, tuningGrid } from './tuning.ts';
import { isVariant, type Variant, variants } from './variants.ts';

/** Which seeds a study runs over. */
export interface Seeds {
  readonly data: readonly number[];
  readonly training: readonly number[];
  /** Data seeds that settings are chosen on; none of them is a data seed. */
  readonly tuning: readonly number[];
}

/** What is tuned, and has a row of the main table. Of the policy gradients one over groups and one over trees. */
export const tunedMethods = [
  ...(['rft', 'dpo', 'step-dpo', 'kto', 'svpo', 'dqo', 'oreo', 'dro', 'grpo', 'vine'] as const),
  ...(['dvo-outcome', 'dvo-response', 'dvo'] as const),
] as const satisfies readonly Tuned[];
/** The rows of the main table. */
export const methods: readonly Exclude<Method, 'base'>[] = tunedMethods;

/** Policy gradients and process rewards, which have a table of their own: groups first, then steps, then verifiers. */
export const gradientMethods = [
  ...(['grpo', 'dapo', 'dr-grpo', 'gspo', 'rloo', 'tree-grpo', 'cispo', 'tis', 'step-cispo'] as const),
  ...(['vine', 'spo', 'treerl', 'treerpo', 'tempo', 'pav', 'pure', 'prime-dvo', 'prime-dqo'] as const),
] as const satisfies readonly Tuned[];
/** What stands beside them there. */
export const gradientRivals = ['rft', 'dpo', 'kto', 'dqo', 'dvo-response', 'dvo'] as const;

/** What a method is trained with: what the tuning found, for a variant of what it is of. */
export function settingsOf(method: Method): Settings {
  if (method === 'base') return { beta: 0, learningRate: 0, batchSize: 1, updates: 0 };
  if (method === 'dvo-outcome' || method === 'dvo-outcome-open-ends') return outcomeSettings;
  return skippedStepsSettings[isVariant(method) ? variants[method].of : method];
}

/** A fifth of the main job's questions and three tenths of its test, so that hundreds of cells take an hour. */
const sizes: Sizes = { questions: 100, draws: 16, testQuestions: 300, rounds: 1 };
/** The tuning sees more questions, so that what it chooses is not chosen by chance. */
export const tuningSizes: Sizes = { questions: 250, draws: 16, testQuestions: 500, rounds: 3 };

export const cellOf = (method: Method, seed: number, training: number, change: Partial<Cell> = {}): Cell => ({
  ...{ task: 'skipped-steps', base: 'gate', sizes, seed, training, method, values: 'prefix', iterations: 16 },
  ...{ questions: (change.sizes ?? sizes).questions, rounds: 1, settings: settingsOf(method) },
  ...change,
});

/** A base is the same for every training seed. */
export const baseCell = (seed: number, change: Partial<Cell> = {}): Cell => cellOf('base', seed, 0, change);

type Part = (seeds: Seeds) => readonly Cell[];

/** Cells for all data and training seeds; seeds outermost, so that a part that was cut short is whole for some. */
const over = (
  { data, training }: Pick<Seeds, 'data' | 'training'>,
  cells: (seed: number, training: number) => readonly Cell[],
): readonly Cell[] => training.flatMap((order) => data.flatMap((seed) => cells(seed, order)));

export const parts: Readonly<Record<string, Part>> = {
  tuning: ({ tuning }) =>
    tuning.flatMap((seed) => [
      baseCell(seed, { sizes: tuningSizes }),
      ...tunedMethods.flatMap((method) =>
        tuningGrid[method].map((settings) => cellOf(method, seed, 1, { settings, sizes: tuningSizes })),
      ),
    ]),
  draws: (seeds) => over(seeds, (seed, order) => [baseCell(seed), ...methods.map((one) => cellOf(one, seed, order))]),
  trees: (seeds) => over(seeds, (seed, order) => methods.map((one) => cellOf(one, seed, order, { values: 'search' }))),
  transfer: ({ data }) =>
    data.flatMap((seed) => gentleMethods.map((method) => cellOf(method, seed, 1, { settings: gentle(method) }))),
  pairs: ({ tuning }) =>
    tuning.flatMap((seed) =>
      gentleMethods.flatMap((method) =>
        pairPlaces(method).map((settings) => cellOf(method, seed, 1, { settings, sizes: tuningSizes })),
      ),
    ),
  'gradient-tuning': ({ tuning }) =>
    tuning
      .slice(0, 1)
      .flatMap((seed) =>
        gradientMethods.flatMap((method) =>
          tuningGrid[method].map((settings) => cellOf(method, seed, 1, { settings, sizes: tuningSizes })),
        ),
      ),
  gradients: ({ data, training }) =>
    over({ data: data.slice(0, 1), training }, (seed, order) => [
      baseCell(seed),
      ...[...gradientRivals, ...gradientMethods].map((method) => cellOf(method, seed, order)),
    ]),
  ends: ({ data }) =>
    data.flatMap((seed) =>
      endsSources.flatMap((values) => valueMethods.map((method) => cellOf(openEnds[method], seed, 1, { values }))),
    ),
  questions: ({ data }) =>
    data.flatMap((seed) =>
      fewQuestions.flatMap((questions) => fewMethods.map((method) => cellOf(method, seed, 1, { questions }))),
    ),
  values: ({ data }) =>
    data.flatMap((seed) =>
      valueWays.flatMap((values) => valueMethods.map((method) => cellOf(method, seed, 1, { values }))),
    ),
  estimates: ({ data }) =>
    data.flatMap((seed) =>
      drawSizes.flatMap((sizes) => valueMethods.map((method) => cellOf(method, seed, 1, { sizes }))),
    ),
  ablations: ({ data }) =>
    data.flatMap((seed) => [
      ...svpoVariants.map((method) => cellOf(method, seed, 1, { values: 'search' })),
      ...dqoVariants.map((method) => cellOf(method, seed, 1)),
    ]),
  iterations: ({ data }) =>
    data.flatMap((seed) =>
      searchIterations.flatMap((iterations) =>
        valueMethods.map((method) => cellOf(method, seed, 1, { values: 'search', iterations })),
      ),
    ),
  figure7: ({ tuning }) =>
    [...tuning, ...figure7Seeds].flatMap((seed) => figure7.map((cell) => ({ ...cell, seed, training: 1 }))),
  rounds: ({ data }) =>
    data.flatMap((seed) =>
      elsewhereMethods.flatMap((method) => [1, 3].map((rounds) => cellOf(method, seed, 1, roundsChange(rounds)))),
    ),
  base: ({ data }) =>
    data.flatMap((seed) => [
      baseCell(seed, { base: 'longer' }),
      ...elsewhereMethods.map((method) => cellOf(method, seed, 1, { base: 'longer' })),
    ]),
  chains: ({ data, tuning }) => [
    ...tuning
      .slice(0, 1)
      .flatMap((seed) => [
        baseCell(seed, { task: 'chains' }),
        ...elsewhereMethods.flatMap((method) =>
          chainsGrid[method].map((settings) => cellOf(method, seed, 1, { task: 'chains', settings })),
        ),
      ]),
    ...data
      .slice(0, 3)
      .flatMap((seed) => [
        baseCell(seed, { task: 'chains' }),
        ...elsewhereMethods.map((method) => chainsCell(method, seed, 1)),
      ]),
  ],
};

/** A cell of the chains, with settings of its own. */
export const chainsCell = (method: ChainsTuned, seed: number, training: number): Cell =>
  cellOf(method, seed, training, { task: 'chains', settings: chainsSettings[method] });

/** DVO by steps and by the whole response at every β and rate. */
export const figure7Betas = [0.03, 0.1, 0.3] as const;
export const figure7Rates = [1e-4, 3e-4, 6e-4, 1e-3] as const;
/** More seeds than settings are chosen on, and no data seeds. */
export const figure7Seeds = [13, 14, 15] as const;
export const figure7Cell = (method: Method, beta: number, learningRate: number): Cell =>
  cellOf(method, 0, 0, { settings: { ...settingsOf(method), beta, learningRate } });

/** Pairs at the gentler setting of the tuning: whether its choice, made on 250 questions, was good for 100. */
export const gentleMethods = ['dpo', 'step-dpo'] as const;
export const gentle = (method: (typeof gentleMethods)[number]): Settings => ({
  ...settingsOf(method),
  beta: 0.3,
  learningRate: 1e-4,
});

/** Where a user's defaults for pairs were looked for: what the tuning chose, and β 0.3 at a third and a tenth of that rate. */
export const pairPlaces = (method: (typeof gentleMethods)[number]): readonly Settings[] => [
  settingsOf(method),
  ...[1e-4, 3e-5].map((learningRate) => ({ ...gentle(method), learningRate })),
];

/** With all 100 of the part `draws`. */
export const fewQuestions = [30, 60] as const;
export const valueWays = ['prefix', 'search', 'rollouts', 'model'] as const;
/** How many draws a question's values are estimated from. */
export const drawSizes: readonly Sizes[] = [16, 64].map((draws) => ({ ...sizes, draws }));
export const svpoVariants = [
  'svpo-no-margin',
  'svpo-no-tie',
  'svpo-no-values',
  'svpo-no-sft',
] as const satisfies Variant[];
export const dqoVariants = ['dqo-0.95', 'dqo-0.9', 'dqo-unweighted', 'dqo-steps'] as const satisfies Variant[];
export const valueMethods = ['dvo-response', 'dvo'] as const;
export const searchIterations = [10, 20, 40, 80] as const;
export const fewMethods = ['rft', 'dpo', 'kto', 'dvo-response', 'dvo'] as const;
/** DVO with the ends of steps unscored, beside what it is with them. */
export const openEnds = {
  'dvo-outcome': 'dvo-outcome-open-ends',
  'dvo-response': 'dvo-response-open-ends',
  dvo: 'dvo-open-ends',
} as const;
export const endsSources = ['prefix', 'search'] as const;
/** What is trained on other ground: over rounds, from a longer-trained base, on the chains. */
export const elsewhereMethods = [
  'rft',
  'dpo',
  'step-dpo',
  'kto',
  'dvo-response',
  'dvo',
] as const satisfies readonly ChainsTuned[];
export const roundsChange = (rounds: number): Partial<Cell> => ({ rounds, sizes: { ...sizes, rounds: 3 } });

export const mapRates = [1e-4, 2e-4, 3e-4, 1e-3, 3e-3, 6e-3] as const;
/** A place of the map, without its seeds: the cells of the tuning. */
export const mapCell = (method: Tuned, beta: number, learningRate: number): Cell =>
  cellOf(method, 0, 0, { settings: { ...settingsOf(method), beta, learningRate }, sizes: tuningSizes });

const figure7 = figure7Betas.flatMap((beta) =>
  figure7Rates.flatMap((rate) => valueMethods.map((method) => figure7Cell(method, beta, rate))),
);
