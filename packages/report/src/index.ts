export { type AccuracyPoint, accuracyPlot } from './accuracy-plot.ts';
export { type ComparisonPoint, comparisonPlot } from './comparison-plot.ts';
export { type CreditedSolution, type CreditedStep, creditedSolution } from './credited-solution.ts';
export { drawPlot, escapeHtml } from './dom.ts';
export { type PageHead, reportPage, type Section } from './page.ts';
export { reportPart } from './part.ts';
export { type RewardPlotOptions, type RewardPoint, rewardPlot } from './reward-plot.ts';
export { htmlTable } from './table.ts';
