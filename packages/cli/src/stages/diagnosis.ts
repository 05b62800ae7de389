/** What a training looks like to somebody who reads its curves, in words. */
import { materialMetrics, type RowMaterial } from '@svo/recipes';
import { type Diagnosis, diagnose, type Report } from '@svo/train';
import { type MetricLine, metricLines } from '../shell/metrics.ts';
import { files, type RunFolder } from '../shell/run-folder.ts';

/** What a material can teach, for the first line of a training's metrics; of rows that are no trajectories nothing is known. */
export const aboutMaterial = ({
  trajectories,
  trees,
}: Pick<RowMaterial, 'trajectories' | 'trees'>): Readonly<Record<string, number>> =>
  trajectories.length === 0 ? {} : { ...materialMetrics(trajectories, trees) };

/** Shares of right answers after each stage, as far as they were measured, in the stages' order; `'base'` is what comes before the first. */
export type Accuracies = readonly { readonly stage: string; readonly accuracy: number }[];

/** Something that looked wrong, and in which stage. */
export interface Diagnosed extends Diagnosis {
  readonly stage: string;
}

/**
 * Reads the metrics of every stage, with what its answers came to before it and after it: a training whose loss fell while its answers got
 * worse looks well in every other number.
 */
export function diagnosed(lines: readonly MetricLine[], accuracies: Accuracies = []): readonly Diagnosed[] {
  const stages = [...new Set(lines.map(({ stage }) => stage))];
  return stages.flatMap((stage, round) => {
    const at = accuracies.findIndex((one) => one.stage === stage);
    const [before, after] = [accuracies[at - 1]?.accuracy, accuracies[at]?.accuracy];
    const own = lines.filter((line) => line.stage === stage);
    const reports = own.map(({ stage: _, ...report }, i) => ({
      ...(report as Report),
      ...(i === 0 && before !== undefined && { eval_accuracy: before }),
      ...(i > 0 && i === own.length - 1 && after !== undefined && { eval_accuracy: after }),
    }));
    return (
      diagnose(reports)
        // From the second round on a policy has left the base, which stays the reference.
        .filter(({ kind }) => round === 0 || kind !== 'starts-off-reference')
        .map((diagnosis) => ({ ...diagnosis, stage }))
    );
  });
}

/** Problems and warnings. */
export const serious = (all: readonly Diagnosed[]): readonly Diagnosed[] =>
  all.filter(({ severity }) => severity !== 'note');

/** What is said at the end of a run. The page of `svo look` has the notes too. */
export const diagnosesOf = (run: RunFolder, accuracies?: Accuracies): readonly Diagnosed[] =>
  serious(diagnosed(metricLines(run.readText(files.metrics)), accuracies));

/** As people read it on a terminal. */
export const diagnosisLines = (all: readonly Diagnosed[]): string[] =>
  all.map(({ stage, severity, message }) => `  ${stage}, ${severity}: ${message}`);
