/** What a training looked like to somebody who reads its curves, in words. */
import { type Diagnosis, diagnose, type Report } from '@svo/train';
import type { Job } from '../job.ts';
import type { MetricLine } from '../shell/metrics.ts';
import { accuracyOf, type Evaluation } from './evaluation.ts';

/** Something that looked wrong, and in which round. */
export interface Diagnosed extends Diagnosis {
  readonly round: number;
}

/**
 * Reads the metrics of a finished stage, with the sampled accuracy before it and after it: a training whose loss fell while its
 * answers got worse looks well in every other number.
 */
export function diagnoseStage(
  { metrics }: Pick<Job, 'metrics'>,
  name: string,
  { round, before, after }: { readonly round: number; readonly before: Evaluation; readonly after: Evaluation },
): Diagnosed[] {
  const lines = metrics.lines().filter(({ stage }) => stage === name);
  const measured = ({ sampled }: Evaluation): number => accuracyOf(sampled).accuracy;
  const reports = lines.map((line, at) => ({
    ...numbersOf(line),
    ...(at === 0 && { eval_accuracy: measured(before) }),
    ...(at > 0 && at === lines.length - 1 && { eval_accuracy: measured(after) }),
  }));
  return (
    diagnose(reports)
      // From the second round on a policy has left the base, which stays the reference.
      .filter(({ kind }) => round === 1 || kind !== 'starts-off-reference')
      .map((diagnosis) => ({ ...diagnosis, round }))
  );
}

/** A line's numbers; the stage's name is none. */
function numbersOf({ stage: _, ...line }: MetricLine): Report {
  return line as Report;
}

/** As people read it: what is a problem or a warning; the report page has the notes too. */
export const diagnosisLines = (diagnoses: readonly Diagnosed[]): string[] =>
  diagnoses
    .filter(({ severity }) => severity !== 'note')
    .map(({ round, severity, message }) => `  ${severity}${round === 1 ? '' : `, round ${round}`}: ${message}`);
