export { type AccuracyPoint, accuracyPlot } from './accuracy-plot.ts';
export { type CreditedSolution, creditedSolution } from './credited-solution.ts';
export { escapeHtml } from './dom.ts';
export { type PageHead, reportPage, type Section } from './page.ts';
export { type RewardPlotOptions, type RewardPoint, rewardPlot } from './reward-plot.ts';
export { htmlTable } from './table.ts';
