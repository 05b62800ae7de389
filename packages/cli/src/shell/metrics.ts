import { appendFileSync } from 'node:fs';
import { jsonLines } from './json-lines.ts';
import { files, type RunFolder } from './run-folder.ts';

/** A line of metrics.jsonl. */
export type MetricLine = { readonly stage: string; readonly step: number } & Readonly<Record<string, number | string>>;

/** metrics.jsonl: a line an update, continued after an interruption without doubles. */
export interface Metrics {
  /** Drops what was written of a stage after `step`: a stopped training goes on from there. */
  readonly rewind: (stage: string, step: number) => Promise<void>;
  readonly log: (stage: string, report: { readonly step: number } & Readonly<Record<string, number>>) => void;
}

export function openMetrics(run: RunFolder): Metrics {
  return {
    rewind: async (stage, step) => {
      if (!run.has(files.metrics)) return run.write(files.metrics, '');
      const kept = metricLines(run.readText(files.metrics)).filter((line) => line.stage !== stage || line.step <= step);
      await run.write(files.metrics, kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
    },
    log: (stage, report) => appendFileSync(run.path(files.metrics), `${JSON.stringify({ stage, ...report })}\n`),
  };
}

/** The lines of metrics.jsonl. */
export const metricLines = (text: string): MetricLine[] => jsonLines(text);
