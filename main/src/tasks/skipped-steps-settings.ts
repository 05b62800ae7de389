import { defaultSettings, type Objective, type Settings } from '@svo/recipes';

/**
 * What the study's tuning chose on skipped steps. Pairs bear a hotter rate here than on other tasks, so that a user's defaults
 * are gentler ones (`defaultSettings`), and these stay what the main job's table and the study's rows were made with.
 */
export const skippedStepsSettings: Readonly<Record<Objective, Settings>> = {
  ...defaultSettings,
  dpo: { ...defaultSettings.dpo, beta: 0.1, learningRate: 3e-4 },
  'step-dpo': { ...defaultSettings['step-dpo'], beta: 0.3, learningRate: 3e-4 },
};
