import type { Run, StepResult } from '@svo/train';
import { metricLines, openMetrics } from '../shell/metrics.ts';
import { files, type RunFolder } from '../shell/run-folder.ts';
import type { Shell } from '../shell/shell.ts';

/** A training on its way, and what its material can teach: numbers for the first line of its metrics, where `diagnose` looks for them. */
export interface Followed {
  readonly stage: string;
  readonly updates: number;
  readonly steps: Run;
  readonly about: Readonly<Record<string, number>>;
}

/**
 * Goes through a training's steps, each with its line in the metrics and its place on the bar; ends behind the step at which somebody
 * interrupts. What a process that was killed wrote of later steps is taken back first.
 */
export async function follow(
  run: RunFolder,
  shell: Shell,
  { stage, updates, steps, about }: Followed,
): Promise<StepResult | undefined> {
  const metrics = openMetrics(run);
  const bar = shell.bar(stage, 'updates');
  let last: StepResult | undefined;
  for await (const result of steps) {
    const { report } = result;
    if (last === undefined) {
      await metrics.rewind(stage, report.step - 1);
      bar.start(updates, report.step);
    }
    metrics.log(stage, report.step === 1 ? { ...report, ...about } : report);
    bar.update(report.step, { loss: report.loss });
    last = result;
    if (shell.signal.aborted) break;
  }
  bar.stop();
  shell.signal.throwIfAborted();
  return last;
}

/** Losses of a stage's first and last update, whichever process made them. */
export function lossesOf(run: RunFolder, stage: string): { readonly first: number; readonly last: number } {
  const own = metricLines(run.readText(files.metrics)).filter((line) => line.stage === stage);
  return { first: Number(own[0]?.loss), last: Number(own.at(-1)?.loss) };
}
