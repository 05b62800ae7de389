import { Presets, SingleBar } from 'cli-progress';
import type { Bar } from './bar.ts';

/** A bar with rate, remaining time and metrics. */
export function terminalBar(stage: string, unit: string, out: NodeJS.WritableStream): Bar {
  const bar = new SingleBar(
    {
      format: `${stage.padEnd(14)} {bar} {value}/{total} ${unit}  {rate}/s  {eta_formatted} left  {note}`,
      ...{ hideCursor: true, stopOnComplete: false, gracefulExit: false, stream: out, etaBuffer: 50 },
    },
    Presets.shades_classic,
  );
  const pace = rateOf();
  return {
    start: (total, done = 0) => {
      pace.start(total, done);
      bar.start(total, done, { rate: '–', note: '' });
    },
    update: (done, metrics = {}) => {
      const note = Object.entries(metrics).map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`);
      bar.update(done, { rate: pace.at(done).rate.toPrecision(3), note: note.join('  ') });
    },
    stop: () => bar.stop(),
  };
}

/** Lines come at most every so many milliseconds; the last one always comes. */
const pause = 1000;

/** The same as records, for programs and log files. */
export function lineBar(write: (fields: Readonly<Record<string, unknown>>) => void): Bar {
  const pace = rateOf();
  let all = 0;
  let shown = Number.NEGATIVE_INFINITY;
  let last: { done: number; metrics: Readonly<Record<string, number>> } | undefined;
  const line = (): void => {
    if (last === undefined) return;
    const { rate, left } = pace.at(last.done);
    write({
      done: last.done,
      total: all,
      rate: Number(rate.toPrecision(3)),
      left_s: Math.round(left),
      ...last.metrics,
    });
    shown = performance.now();
    last = undefined;
  };
  return {
    start: (total, done = 0) => {
      all = total;
      pace.start(total, done);
    },
    update: (done, metrics = {}) => {
      last = { done, metrics };
      if (performance.now() - shown >= pause) line();
    },
    stop: line,
  };
}

/** How fast something goes on, and how many seconds are left. */
function rateOf() {
  let [began, first, total] = [0, 0, 0];
  return {
    start: (all: number, done: number): void => {
      [began, first, total] = [performance.now(), done, all];
    },
    at: (done: number): { readonly rate: number; readonly left: number } => {
      const seconds = (performance.now() - began) / 1000;
      const rate = seconds > 0 ? (done - first) / seconds : 0;
      return { rate, left: rate > 0 ? (total - done) / rate : 0 };
    },
  };
}
