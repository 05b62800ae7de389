/** How large a story is. The numbers of the full one are the main job's; the short ones are for tests. */

export interface Setting {
  readonly name: 'full' | 'short' | 'shortest';
  readonly seed: number;
  /** Questions that solutions are drawn for, and solutions of each. */
  readonly questions: number;
  readonly draws: number;
  /** Leaves that the tree on the page expands. */
  readonly iterations: number;
  /** Unseen questions of the scores, and how many of them the climbing curves are of. */
  readonly testQuestions: number;
  readonly watchedQuestions: number;
  /** Updates between two points of a climbing curve, and between two saves. */
  readonly watchEvery: number;
  readonly saveEvery: number;
  /** What is changed of the main job's task. */
  readonly smaller: Smaller | undefined;
}

/** What a test takes off the main job's task. */
export interface Smaller {
  readonly updates: number;
  readonly cooling: number;
  readonly laneUpdates: number;
  readonly baseBatch: number;
  readonly laneBatch: number;
  readonly gateQuestions: number;
  readonly responseTokens: number;
  readonly layers: number;
}

const full = {
  name: 'full',
  ...{ questions: 300, draws: 16, iterations: 14, testQuestions: 300, watchedQuestions: 100 },
  ...{ watchEvery: 10, saveEvery: 25, smaller: undefined },
} as const;

const short = {
  name: 'short',
  ...{ questions: 40, draws: 8, iterations: 6, testQuestions: 40, watchedQuestions: 20 },
  ...{
    watchEvery: 4,
    saveEvery: 5,
    smaller: {
      updates: 100,
      cooling: 20,
      laneUpdates: 8,
      baseBatch: 32,
      laneBatch: 8,
      gateQuestions: 20,
      responseTokens: 60,
      layers: 2,
    },
  },
} as const;

/** So short that a rasteriser on a CPU plays it: it learns next to nothing, and every part of the story comes. */
const shortest = {
  ...short,
  name: 'shortest',
  ...{ questions: 4, draws: 2, iterations: 1, testQuestions: 2, watchedQuestions: 2, watchEvery: 1 },
  smaller: {
    updates: 1,
    cooling: 1,
    laneUpdates: 1,
    baseBatch: 2,
    laneBatch: 2,
    gateQuestions: 2,
    responseTokens: 4,
    layers: 1,
  },
} as const;

const settings = { full, short, shortest };
export type SettingName = keyof typeof settings;

/** Whether there is a setting of this name. */
export const isSettingName = (name: string): name is SettingName => Object.hasOwn(settings, name);

export const settingOf = (name: SettingName, seed: number): Setting => ({ ...settings[name], seed });
