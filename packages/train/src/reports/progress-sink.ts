import { assertOptions } from '@svo/mdp';
import { Presets, SingleBar } from 'cli-progress';
import type { Report, Sink } from '../types.ts';

/** Where progress is shown, and of how much. */
export interface ProgressOptions {
  /** How many steps the run will take. */
  readonly total: number;
  /** Which metrics to show beside the bar. */
  readonly metrics?: readonly string[];
  /** Without a terminal: a plain line every so many steps, and at the last one. */
  readonly every?: number;
  readonly stream?: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Milliseconds on some clock. */
  readonly now?: () => number;
}

/**
 * On a terminal a bar with rate and time left; elsewhere (a log file, CI) plain lines that say the same.
 * @param options `metrics` `['loss']`, `every` 10, `stream` stderr
 * @throws RangeError when `total` or `every` is not a positive whole number.
 * @example
 * ```ts
 * import { PassThrough } from 'node:stream';
 * import { progressSink } from '@svo/train';
 * const stream = new PassThrough();
 * progressSink({ total: 1, stream, now: () => 0 })({ step: 1, loss: 0.5 });
 * stream.read().toString(); // => 'step 1/1 (100%)  loss 0.5\n'
 * ```
 */
export function progressSink(options: ProgressOptions): Sink {
  assertOptions('progressSink', options, ['total', 'metrics', 'every', 'stream', 'now']);
  const { total, every = 10, stream = process.stderr } = options;
  for (const [name, value] of Object.entries({ total, every }))
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`progressSink: ${name} must be a whole number ≥ 1, got ${value}`);
  return stream.isTTY ? bar(options, stream) : lines({ ...options, every }, stream);
}

function bar({ total, metrics = ['loss'] }: ProgressOptions, stream: NodeJS.WritableStream): Sink {
  const format = `{bar} {value}/{total} | {rate} steps/s | {eta_formatted} left | {metrics}`;
  // cli-progress stops by itself when the total is reached; `close` is for runs that end before it.
  const single = new SingleBar(
    { format, stream, stopOnComplete: true, hideCursor: true, etaBuffer: 50 },
    Presets.shades_classic,
  );
  let began: { readonly at: number; readonly step: number } | undefined;
  return Object.assign(
    (report: Report) => {
      if (!began) {
        single.start(total, report.step - 1, { rate: '–', metrics: '' });
        began = { at: performance.now(), step: report.step - 1 };
      }
      const rate = (report.step - began.step) / ((performance.now() - began.at) / 1000);
      single.update(report.step, {
        rate: Number.isFinite(rate) ? rate.toPrecision(3) : '–',
        metrics: shown(report, metrics),
      });
    },
    { close: () => single.stop() },
  );
}

function lines(
  { total, metrics = ['loss'], every, now = () => performance.now() }: ProgressOptions & { readonly every: number },
  stream: NodeJS.WritableStream,
): Sink {
  let began: { readonly at: number; readonly step: number } | undefined;
  return (report) => {
    began ??= { at: now(), step: report.step };
    if (report.step % every !== 0 && report.step !== total && report.step !== began.step) return;
    const seconds = (now() - began.at) / 1000;
    const rate = (report.step - began.step) / seconds;
    const pace =
      rate > 0 && Number.isFinite(rate)
        ? `  ${rate.toPrecision(3)} steps/s  ${duration((total - report.step) / rate)} left`
        : '';
    stream.write(
      `step ${report.step}/${total} (${Math.round((100 * report.step) / total)}%)${pace}  ${shown(report, metrics)}\n`,
    );
  };
}

function shown(report: Report, metrics: readonly string[]): string {
  return metrics
    .filter((name) => report[name] !== undefined)
    .map((name) => `${name} ${Number(report[name]!.toPrecision(4))}`)
    .join('  ');
}

function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}h${String(m).padStart(2, '0')}m` : m > 0 ? `${m}m${String(s).padStart(2, '0')}s` : `${s}s`;
}
