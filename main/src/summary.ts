/** summary.json: what a run came to, in one record. */
import { type Answered, accuracyOf } from './evaluate.ts';
import { type Accuracy, showAccuracy } from './interval.ts';
import type { Job } from './job.ts';
import type { Round } from './round.ts';

export interface Summary {
  readonly seed: number;
  readonly objective: string;
  readonly backend: string;
  /** Training questions searched a round, and unseen questions each accuracy is of. */
  readonly questions: number;
  readonly testQuestions: number;
  readonly base: Accuracy;
  readonly rounds: readonly Accuracy[];
  readonly rft: Accuracy;
  readonly seconds: number;
  readonly stages: Readonly<Record<string, number>>;
  readonly peakRssMb: number;
}

export function summarise(
  { options, engine, timings }: Job,
  results: { readonly base: readonly Answered[]; readonly rounds: readonly Round[]; readonly rft: readonly Answered[] },
): Summary {
  const stages = timings.seconds();
  return {
    seed: options.seed,
    objective: options.objective,
    backend: engine.name,
    questions: options.questions,
    testQuestions: results.base.length,
    base: accuracyOf(results.base),
    rounds: results.rounds.map(({ answered }) => accuracyOf(answered)),
    rft: accuracyOf(results.rft),
    seconds: Object.values(stages).reduce((sum, seconds) => sum + seconds, 0),
    stages,
    // Linux and macOS both give kilobytes through Node.
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

/** The final table, as people read it in a terminal. */
export function summaryTable(summary: Summary): string {
  const gain = ({ accuracy }: Accuracy): string => {
    const points = 100 * (accuracy - summary.base.accuracy);
    return `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(1)}`;
  };
  const rows: [string, Accuracy][] = [
    ['SFT base', summary.base],
    ...summary.rounds.map((round, i): [string, Accuracy] => [`${summary.objective}, round ${i + 1}`, round]),
    ['RFT, same trees', summary.rft],
  ];
  const width = Math.max(...rows.map(([label]) => label.length)) + 2;
  const lines = rows.map(
    ([label, accuracy]) => `  ${label.padEnd(width)} ${showAccuracy(accuracy).padEnd(26)} ${gain(accuracy)}`,
  );
  const time = Object.entries(summary.stages).map(([stage, seconds]) => `${stage} ${seconds.toFixed(0)} s`);
  return [
    `  ${''.padEnd(width)} ${`right of ${summary.testQuestions} (95 % interval)`.padEnd(26)} points`,
    ...lines,
    '',
    `  ${summary.seconds.toFixed(0)} s (${time.join(', ')}), peak memory ${summary.peakRssMb} MB`,
  ].join('\n');
}
