/** Numbers and tables as docs/study.md writes them. */
import type { Interval } from '../intervals.ts';
import type { Decoding } from './scores.ts';

export const decodings: readonly Decoding[] = ['greedy', 'sampled'];

/** What has not been worked out. */
export const open = '–';
const minus = (text: string): string => text.replaceAll('-', '−');
const bound = (x: number): string => minus(x.toFixed(1));

export const show = (interval: Interval | undefined): string =>
  interval === undefined
    ? open
    : interval.seeds === 1
      ? `${interval.mean.toFixed(1)} (one seed)`
      : `${interval.mean.toFixed(1)} (${bound(Math.max(0, interval.low))} to ${bound(Math.min(100, interval.high))})`;

export const signed = (interval: Interval | undefined): string =>
  interval === undefined
    ? open
    : `${interval.mean >= 0 ? '+' : ''}${bound(interval.mean)}${interval.seeds === 1 ? ' (one seed)' : ` (${bound(interval.low)} to ${bound(interval.high)})`}`;

/** A Markdown table padded as the house's formatter does it; rows without cells are left out, and a table without rows says so. */
export function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const rows = body.filter((row) => row.length > 0);
  if (rows.length === 0) return 'Not yet run.';
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n');
}
