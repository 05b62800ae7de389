// The tree: arrays, texts, what was drawn, states.

export type { Draws } from './tree/draws.ts';
export type { NodeStatus } from './tree/node-status.ts';
export { leavesInFlight, nodeStatus } from './tree/node-status.ts';
export { nodeValues, nodeVisits } from './tree/node-values.ts';
export { drawOf, pathTo, requestFor, stateOf, textOf } from './tree/path.ts';
export type { Outcome } from './tree/status.ts';
export type { TreeSummary } from './tree/summary.ts';
export { treeSummary } from './tree/summary.ts';
export type { Texts } from './tree/texts.ts';
export type { Fingerprint, Tree, Usage } from './tree/tree.ts';
export { createTree } from './tree/tree.ts';

// Search: ask and tell, and who drives them.

export { ask, isFinished } from './search/ask/ask.ts';
export { ProgramError } from './search/ask/program-error.ts';
export { compareFingerprints, SEARCH_FORMAT, searchFingerprint } from './search/fingerprint.ts';
export type { Journal } from './search/journal/journal.ts';
export { memoryJournal, openJournal } from './search/journal/journal.ts';
export type { JournalEvent } from './search/journal/journal-events.ts';
export type { ReplayedSearch } from './search/journal/replay-journal.ts';
export { replayJournal } from './search/journal/replay-journal.ts';
export { search, searchMany } from './search/many/search-many.ts';
export { reroot } from './search/reroot.ts';
export type { ProgressRecord, SearchManyOptions, TreeRecord } from './search/search-options.ts';
export { type Child, release } from './search/tell/expand.ts';
export { mergeCandidates } from './search/tell/merge.ts';
export { tell } from './search/tell/tell.ts';

// Rules: what a search is made of.

export { maxBackup, meanBackup, softBackup, visitWeightedBackup } from './rules/backup.ts';
export { firstPlayLoss, firstPlayParent, firstPlayZero } from './rules/first-play.ts';
export type { PresetOptions } from './rules/presets.ts';
export { dvoSearch, outcomeSigns, svpoPairs, svpoSearch, svpoTrees } from './rules/presets.ts';
export { meanTokenProb, sumLogProb, uniformPrior } from './rules/prior.ts';
export type { Backup, FirstPlay, Prior, Rewards, Rules, SelectionRule, StopRule } from './rules/rules.ts';
export { puct, uct } from './rules/select.ts';
export type { GumbelHalvingOptions } from './rules/select-gumbel.ts';
export { gumbelHalving } from './rules/select-gumbel.ts';
export { normalizedPuct } from './rules/select-normalized.ts';
export { allOf, anyOf, maxIterations, maxNodes, maxTokens, solved } from './rules/stop.ts';

// Rows: what a tree teaches.

export { drawnTrajectories } from './rows/drawn-trajectories.ts';
export type { ExtractPairsOptions } from './rows/extract-pairs.ts';
export { extractPairs } from './rows/extract-pairs.ts';
export { rejudge } from './rows/rejudge.ts';
export type { KtoRow, PrmRow } from './rows/rows.ts';
export { ktoRows, outcomeValueRows, prmRows, rftRows } from './rows/rows.ts';
export type { SampleTrajectoriesOptions } from './rows/sample-trajectories.ts';
export { sampleTrajectories } from './rows/sample-trajectories.ts';

// Advantages: how much better a step was than what could be expected.

export type { AdvantageRow } from './advantages/advantage-rows.ts';
export { advantageRows } from './advantages/advantage-rows.ts';
export type { GrpoAdvantagesOptions, TreeGrpoAdvantagesOptions } from './advantages/groups.ts';
export { drGrpoAdvantages, grpoAdvantages, rlooAdvantages, treeGrpoAdvantages } from './advantages/groups.ts';
export { childMeans, leafMeans } from './advantages/leaf-means.ts';
export { minFormRewards } from './advantages/min-form.ts';
export { minFormAdvantages } from './advantages/min-form-advantages.ts';
export { optimalValue } from './advantages/optimal-value.ts';
export { aboveOtherSteps } from './advantages/other-steps.ts';
export { probabilityMask } from './advantages/probability-mask.ts';
export type { ProgressAdvantagesOptions } from './advantages/progress.ts';
export { progressAdvantages } from './advantages/progress.ts';
export type { NodeAdvantagesOptions } from './advantages/step-advantages.ts';
export { siblingAdvantages, stepAdvantages } from './advantages/step-advantages.ts';
export type { TerminalAdvantages } from './advantages/tempo.ts';
export { tempoAdvantages } from './advantages/tempo.ts';
export { treeRlAdvantages } from './advantages/tree-rl.ts';

// Values by name: one signature, four ways to estimate.

export type { ModelValuesOptions } from './values/model-values.ts';
export { modelValues } from './values/model-values.ts';
export type { DrawnResponse, PrefixTreeOptions } from './values/prefix-tree.ts';
export { prefixTree } from './values/prefix-tree.ts';
export type { PrefixValuesOptions } from './values/prefix-values.ts';
export { prefixValues } from './values/prefix-values.ts';
export type { RolloutValuesOptions } from './values/rollout-values.ts';
export { rolloutValues } from './values/rollout-values.ts';
export type { SearchValuesOptions } from './values/search-values.ts';
export { searchValues } from './values/search-values.ts';
export type { ValueOptions } from './values/value-options.ts';

// Inference: one response, and what it cost.

export { type AbMctsOptions, abMcts } from './inference/branching/ab-mcts.ts';
export {
  type Branch,
  type Branching,
  type Family,
  type MixedModelOptions,
  mixedModel,
  nodeAggregation,
} from './inference/branching/branching.ts';
export type { MixedPrior } from './inference/branching/mixed-posterior.ts';
export {
  type BetaPrior,
  type BranchingNoise,
  betaPosterior,
  type GaussianPrior,
  gaussianPosterior,
  type Noise,
  type Observed,
  observe,
  type Posterior,
} from './inference/branching/posteriors.ts';
export type { Cost, Decoded, Response } from './inference/decoded.ts';
export { entropicAnnealing, type Temperature } from './inference/particles/annealing.ts';
export type { ParticleFilterOptions } from './inference/particles/particle-filter.ts';
export { particleFilter } from './inference/particles/particle-filter.ts';
export { multinomialResampling, type Resampling, systematicResampling } from './inference/particles/resampling.ts';
export { valueLogit } from './inference/particles/value-logit.ts';
export { bestOfN } from './inference/samples/best-of-n.ts';
export { bestResponse } from './inference/samples/best-response.ts';
export type { SampleResponsesOptions } from './inference/samples/sample-responses.ts';
export { sampleResponses } from './inference/samples/sample-responses.ts';
export type { Vote, VoteOptions } from './inference/samples/votes.ts';
export { majorityVote, weightedVote } from './inference/samples/votes.ts';
export type { StepBeamSearchOptions } from './inference/step-beam-search.ts';
export { stepBeamSearch } from './inference/step-beam-search.ts';

// Files: trees as bytes.

export { FormatError } from './files/format-error.ts';
export { loadTree } from './files/load-tree.ts';
export { saveTree } from './files/save-tree.ts';

// Views: trees to look at.

export { toDot } from './view/to-dot.ts';
export { toHtml } from './view/to-html.ts';
