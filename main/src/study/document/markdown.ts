/** Numbers and tables as docs/study.md writes them. */
import type { Decoding, Found } from './scores.ts';

export const decodings: readonly Decoding[] = ['greedy', 'sampled'];

/** What has not been worked out. */
export const open = '–';
/** What is of rows of an older arithmetic. */
export const olderMark = '†';

const minus = (text: string): string => text.replaceAll('-', '−');
const bound = (x: number): string => minus(x.toFixed(1));
const marked = (text: string, { older, seeds }: Found): string =>
  `${text}${seeds < 5 ? ` [${seeds}]` : ''}${older ? ` ${olderMark}` : ''}`;

/** A mean and its interval; in brackets how many data seeds where there are fewer than five. */
export const show = (found: Found | undefined): string =>
  found === undefined
    ? open
    : marked(
        found.seeds === 1
          ? found.mean.toFixed(1)
          : `${found.mean.toFixed(1)} (${bound(Math.max(0, found.low))} to ${bound(Math.min(100, found.high))})`,
        found,
      );

export const signed = (found: Found | undefined): string =>
  found === undefined
    ? open
    : marked(
        `${found.mean >= 0 ? '+' : ''}${bound(found.mean)}${found.seeds === 1 ? '' : ` (${bound(found.low)} to ${bound(found.high)})`}`,
        found,
      );

/** A learning rate as tables write it. */
export const rate = (value: number): string => minus(value.toExponential());

/** A Markdown table padded as the house's formatter does it; rows without cells are left out, and a table without rows says so. */
export function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const rows = body.filter((row) => row.length > 0);
  if (rows.length === 0) return 'Not yet run.';
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n');
}
