/** summary.json: what a run came to, in one record. */
import { type Accuracy, type Objective, showAccuracy } from '@svo/recipes';
import type { Job } from './job.ts';
import type { Source } from './options.ts';
import type { GateResult } from './stages/base.ts';
import type { Diagnosed } from './stages/diagnosis.ts';
import { type Evaluation, type Score, scoreOf } from './stages/evaluation.ts';
import type { LaneResult } from './stages/lanes.ts';

/** Scores of one source's lanes, by the objective's name in camel case. */
export type Scores = Readonly<
  Record<string, Score & { readonly rounds: readonly Score[]; readonly diagnoses: readonly Diagnosed[] }>
>;

export interface Summary {
  readonly seed: number;
  readonly task: string;
  readonly backend: string;
  readonly seconds: number;
  readonly stages: Readonly<Record<string, number>>;
  readonly peakRssMb: number;
  /** Questions drawn or searched a round, and unseen questions each accuracy is of. */
  readonly questions: number;
  readonly testQuestions: number;
  readonly gate?: GateResult;
  readonly base: Score;
  readonly draws?: Scores;
  readonly trees?: Scores;
}

export function summarise(
  job: Job,
  results: {
    readonly base: Evaluation;
    readonly gate: GateResult | undefined;
    readonly lanes: readonly LaneResult[];
  },
): Summary {
  const { options, task, engine, timings } = job;
  const stages = timings.seconds();
  const scoresFrom = (source: Source): Scores =>
    Object.fromEntries(
      results.lanes
        .filter((lane) => lane.source === source)
        .map((lane) => {
          const rounds = lane.rounds.map((evaluation) => scoreOf(job, evaluation));
          return [keyOf(lane.objective), { ...rounds.at(-1)!, rounds, diagnoses: lane.diagnoses }];
        }),
    );
  return {
    seed: options.seed,
    task: task.name,
    backend: engine.name,
    seconds: Object.values(stages).reduce((sum, seconds) => sum + seconds, 0),
    stages,
    // Linux and macOS both give kilobytes through Node.
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
    questions: Math.min(options.questions, task.questions.length),
    testQuestions: results.base.greedy.length,
    ...(results.gate !== undefined && { gate: results.gate }),
    base: scoreOf(job, results.base),
    ...Object.fromEntries(options.sources.map((source) => [source, scoresFrom(source)])),
  };
}

/** `step-dpo` → `stepDpo`. */
export const keyOf = (objective: Objective): string =>
  objective.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** What people call an objective. */
export const labels: Readonly<Record<Objective, string>> = {
  rft: 'RFT',
  dpo: 'DPO',
  'step-dpo': 'Step-DPO',
  kto: 'KTO',
  'dvo-response': 'DVO, whole response',
  dvo: 'DVO, step by step',
  svpo: 'SVPO',
  dqo: 'DQO',
  oreo: 'OREO',
  dro: 'DRO',
  grpo: 'GRPO',
  vine: 'VinePPO',
  dapo: 'DAPO',
  'dr-grpo': 'Dr. GRPO',
  gspo: 'GSPO',
  cispo: 'CISPO',
  tis: 'REINFORCE, TIS',
  rloo: 'RLOO',
  'step-cispo': 'CISPO, step by step',
  spo: 'SPO',
  treerl: 'TreeRL',
  'tree-grpo': 'Tree-GRPO',
  treerpo: 'TreeRPO',
  tempo: 'TEMPO',
  pav: 'PAV',
  pure: 'PURE',
  'prime-dvo': 'DVO, PRIME’s rewards',
  'prime-dqo': 'DQO, PRIME’s rewards',
};

const sourceNames: Readonly<Record<Source, string>> = { draws: 'independent draws', trees: 'search trees' };

/** The final table, as people read it in a terminal. */
export function summaryTable(summary: Summary, objectives: readonly Objective[]): string {
  const row = (label: string, { greedy, sampled }: { greedy: Accuracy; sampled: Accuracy }): string =>
    `  ${label.padEnd(22)} ${showAccuracy(greedy).padEnd(26)} ${showAccuracy(sampled)}`;
  const from = (source: Source): string[] => {
    const scores = summary[source];
    if (scores === undefined) return [];
    return [
      `  from ${sourceNames[source]}`,
      ...objectives.map((name) => row(`  ${labels[name]}`, scores[keyOf(name)]!)),
    ];
  };
  const time = Object.entries(summary.stages).map(([stage, seconds]) => `${stage} ${seconds.toFixed(0)} s`);
  const head = `right of ${summary.testQuestions}, greedy`;
  return [
    `  ${''.padEnd(22)} ${head.padEnd(26)} sampled (95 % intervals)`,
    row('base', summary.base),
    ...from('draws'),
    ...from('trees'),
    ...(summary.gate === undefined ? [] : ['', `  ${gateLine(summary.gate)}`]),
    '',
    `  ${summary.seconds.toFixed(0)} s (${time.join(', ')}), peak memory ${summary.peakRssMb} MB`,
  ].join('\n');
}

/** What the gate saw, in a sentence. */
export function gateLine({ plain, merged, passed, updates }: GateResult): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const seen = `plain steps ${percent(plain)} right, merged ones ${percent(merged)} (after ${updates} updates)`;
  return passed
    ? `the base passed its gate: ${seen}`
    : `THE BASE DID NOT PASS ITS GATE: ${seen}; what follows says little`;
}
