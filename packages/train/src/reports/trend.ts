import type { Report } from '../types.ts';

/** A metric's course through a run: means over the first and the last fifth, so that noise of single steps cancels. */
export interface Trend {
  readonly first: number;
  readonly last: number;
  readonly change: number;
  readonly count: number;
}

/** The course of one metric, or undefined when fewer than `minimum` reports have it. */
export function trendOf(reports: readonly Report[], metric: string, minimum = 5): Trend | undefined {
  const series = seriesOf(reports, metric);
  if (series.length < minimum) return undefined;
  const part = Math.max(1, Math.floor(series.length / 5));
  const [first, last] = [mean(series.slice(0, part)), mean(series.slice(-part))];
  return { first, last, change: last - first, count: series.length };
}

/** The metric's finite values in order. */
export function seriesOf(reports: readonly Report[], metric: string): number[] {
  return reports.map((report) => report[metric] ?? Number.NaN).filter(Number.isFinite);
}

export function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
