/** Progress people can see: a bar with rate and remaining time on a terminal, plain lines elsewhere. */
import { Presets, SingleBar } from 'cli-progress';

/** One stage's bar. `start` may begin part of the way, after a resume. */
export interface Bar {
  readonly start: (total: number, done?: number) => void;
  readonly update: (done: number, note?: string) => void;
  readonly stop: () => void;
}

/** A bar for `stage`, counting in `unit`. Lines come at most every `secondsBetweenLines` seconds. */
export function createBar(stage: string, unit: string, out: NodeJS.WriteStream = process.stdout): Bar {
  return out.isTTY ? terminalBar(stage, unit, out) : lineBar(stage, unit, out);
}

const label = (stage: string): string => stage.padEnd(18);

function terminalBar(stage: string, unit: string, out: NodeJS.WriteStream): Bar {
  const bar = new SingleBar(
    {
      format: `${label(stage)} {bar} {value}/{total} ${unit}  {rate}/s  {eta_formatted} left  {note}`,
      hideCursor: true,
      stopOnComplete: false,
      stream: out,
      etaBuffer: 50,
    },
    Presets.shades_classic,
  );
  let began = 0;
  let first = 0;
  const payload = (done: number, note: string) => ({ rate: rate(done - first, began), note });
  return {
    start: (total, done = 0) => {
      began = performance.now();
      first = done;
      bar.start(total, done, payload(done, ''));
    },
    update: (done, note = '') => bar.update(done, payload(done, note)),
    stop: () => bar.stop(),
  };
}

const secondsBetweenLines = 5;

function lineBar(stage: string, unit: string, out: NodeJS.WriteStream): Bar {
  let began = 0;
  let shown = 0;
  let first = 0;
  let total = 0;
  let last = { done: 0, note: '' };
  const line = ({ done, note }: typeof last): void => {
    const seconds = (performance.now() - began) / 1000;
    const left = done > first ? ((total - done) * seconds) / (done - first) : 0;
    out.write(
      `${label(stage)} ${done}/${total} ${unit}  ${rate(done - first, began)}/s  ${left.toFixed(0)} s left  ${note}\n`,
    );
    shown = performance.now();
  };
  return {
    start: (all, done = 0) => {
      began = performance.now();
      shown = began;
      first = done;
      total = all;
      last = { done, note: '' };
    },
    update: (done, note = '') => {
      last = { done, note };
      if (performance.now() - shown > secondsBetweenLines * 1000) line(last);
    },
    stop: () => line(last),
  };
}

function rate(done: number, began: number): string {
  const seconds = (performance.now() - began) / 1000;
  const value = seconds > 0 ? done / seconds : 0;
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
