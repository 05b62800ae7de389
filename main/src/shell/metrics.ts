/** metrics.jsonl: a line an update, a line a search, a line an evaluation; continued after an interruption without doubles. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Report } from '@svo/train';
import { files, type RunFolder } from './run-folder.ts';

export type MetricLine = { readonly stage: string; readonly step: number } & Readonly<Record<string, number | string>>;

export interface Metrics {
  /** Drops what was written of a stage after `step`: an interrupted run goes on from there. */
  readonly rewind: (stage: string, step: number) => Promise<void>;
  readonly log: (stage: string, report: Report) => void;
  readonly flush: () => void;
  readonly lines: () => readonly MetricLine[];
}

/** Opens the metrics of a run. Lines are kept until `flush`, so that a checkpoint and its metrics are written together. */
export function openMetrics(run: RunFolder): Metrics {
  let waiting: MetricLine[] = [];
  const lines = (): MetricLine[] =>
    existsSync(run.path(files.metrics)) ? parse(readFileSync(run.path(files.metrics), 'utf8')) : [];
  return {
    lines,
    rewind: async (stage, step) => {
      const before = lines();
      const kept = before.filter((line) => line.stage !== stage || line.step <= step);
      if (kept.length < before.length || !isWhole(run)) await run.write(files.metrics, kept.map(toLine).join(''));
    },
    log: (stage, report) => {
      waiting.push({ stage, ...report });
    },
    flush: () => {
      appendFileSync(run.path(files.metrics), waiting.map(toLine).join(''));
      waiting = [];
    },
  };
}

const toLine = (line: MetricLine): string => `${JSON.stringify(line)}\n`;

/** A `kill -9` can leave half a line at the end; it is no line. */
function parse(text: string): MetricLine[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

function isWhole(run: RunFolder): boolean {
  if (!existsSync(run.path(files.metrics))) return true;
  const text = readFileSync(run.path(files.metrics), 'utf8');
  return text === '' || text.endsWith('\n');
}
