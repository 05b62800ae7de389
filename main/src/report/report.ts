/** report.html: what a run found, to be looked at. */

import type { Accuracy, Objective } from '@svo/recipes';
import {
  type ComparisonPoint,
  comparisonPlot,
  htmlTable,
  type PageHead,
  reportPage,
  rewardPlot,
  type Section,
} from '@svo/report';
import type { Job } from '../job.ts';
import type { Source } from '../options.ts';
import { files } from '../shell/run-folder.ts';
import type { Evaluation, Score } from '../stages/evaluation.ts';
import { type LaneResult, laneName } from '../stages/lanes.ts';
import type { Gathered } from '../stages/material.ts';
import { shareRight } from '../stages/steps.ts';
import { gateLine, keyOf, labels, type Summary } from '../summary.ts';
import { diagnosisSections } from './diagnoses.ts';
import { rewardPoints } from './rewards.ts';
import { solutions } from './solutions.ts';
import { treeFrame } from './tree-frame.ts';

/** What a report is made from, beside the summary. */
export interface ReportMaterial {
  readonly base: Evaluation;
  readonly lanes: readonly LaneResult[];
  readonly material: Readonly<Partial<Record<Source, Gathered>>>;
}

/** Draws the run: solutions with their steps coloured by credit, methods side by side, rewards, kinds of steps, a tree, and the time. */
export async function writeReport(job: Job, summary: Summary, { lanes, material }: ReportMaterial): Promise<void> {
  const shown = material.draws ?? material.trees;
  const grown = material.trees ?? material.draws;
  const sections: Section[] = [
    ...(shown === undefined ? [] : [solutionsSection(job, shown)]),
    comparisonSection(summary, job.options.objectives),
    ...rewardSections(job, lanes),
    ...diagnosisSections(lanes),
    ...kindSections(summary, job.options.objectives),
    ...(grown === undefined ? [] : [treeFrame(grown.trees)]),
    {
      title: 'Where the time went',
      html: htmlTable(
        ['stage', 'seconds'],
        Object.entries(summary.stages).map(([stage, seconds]) => [stage, seconds.toFixed(1)]),
      ),
    },
  ];
  await job.run.write(files.report, reportPage(headOf(job, summary), sections));
}

function headOf({ engine, options }: Job, summary: Summary): PageHead {
  const best = summary.draws?.dvo ?? summary.trees?.dvo;
  return {
    title: 'Which step was at fault?',
    lead: `A model learned ${summary.task} from people who do two operations at once. The outcome says that a solution is wrong; values say which step made it so. Each objective trained on the same solutions, from the same base.`,
    facts: [
      ['base, greedy', percent(summary.base.greedy.accuracy)],
      ...(best === undefined
        ? []
        : ([
            ['DVO, greedy', percent(best.greedy.accuracy)],
            ['DVO, sampled', percent(best.sampled.accuracy)],
          ] as const)),
      ...(summary.gate === undefined ? [] : ([['gate', summary.gate.passed ? 'passed' : 'NOT passed']] as const)),
      ['seed', String(options.seed)],
      ['backend', engine.name],
      ['time', `${summary.seconds.toFixed(0)} s`],
      ['peak memory', `${summary.peakRssMb} MB`],
    ],
  };
}

function solutionsSection(job: Job, { trajectories }: Gathered): Section {
  return {
    title: 'Solutions, step by step',
    note: 'Colour is DVO’s credit c = r + V(s′) − V(s): how much a step changed the value of where it led. V is the value before the step. Red steps lost the answer.',
    html: solutions(job.task, trajectories),
  };
}

function comparisonSection(summary: Summary, objectives: readonly Objective[]): Section {
  const series = ({ greedy, sampled }: Score): [string, Accuracy][] => [
    ['greedy', greedy],
    ['sampled', sampled],
  ];
  const points = (['draws', 'trees'] as const).flatMap((source): ComparisonPoint[] => {
    const scores = summary[source];
    if (scores === undefined) return [];
    const group = source === 'draws' ? 'from independent draws' : 'from search trees';
    const rows: [string, Score][] = [
      ['base', summary.base],
      ...objectives.map((name): [string, Score] => [labels[name], scores[keyOf(name)]!]),
    ];
    return rows.flatMap(([label, score]) =>
      series(score).map(([of, accuracy]) => ({ group, label, series: of, ...accuracy })),
    );
  });
  const gate = summary.gate === undefined ? '' : ` ${capital(gateLine(summary.gate))}.`;
  return {
    title: 'What each objective makes of it',
    note: `${summary.testQuestions} unseen questions, blue greedy, orange sampled, with 95 % Wilson intervals.${gate}`,
    html: `<div class="wide">${comparisonPlot(points)}</div>`,
  };
}

function rewardSections({ metrics }: Job, lanes: readonly LaneResult[]): Section[] {
  const lines = metrics.lines();
  return lanes
    .filter(({ objective }) => objective === 'dvo' || objective === 'dpo')
    .filter((lane, _, all) => lane.source === all[0]!.source)
    .map((lane) => ({
      title: `${labels[lane.objective]}: implicit rewards`,
      note: 'βΔ of what is preferred (positive credit, or chosen) and of what is not, as training goes on: DVO’s Figure 5.',
      html: rewardPlot(
        rewardPoints(
          lines,
          lane.rounds.map((_, i) => laneName(lane, i + 1)),
        ),
      ),
    }));
}

/** How often each trained model still merges, and what it gets right of what it writes. */
function kindSections(summary: Summary, objectives: readonly Objective[]): Section[] {
  const rows = (['draws', 'trees'] as const).flatMap((source) =>
    objectives.flatMap((name) => {
      const score = summary[source]?.[keyOf(name)];
      return score === undefined ? [] : [kindRow(`${labels[name]}, ${source}`, score)];
    }),
  );
  const base = kindRow('base', summary.base);
  if (base.length === 1) return [];
  return [
    {
      title: 'What is written',
      note: 'Of all steps of the sampled answers: how many are merged, and which share of plain and of merged ones is right.',
      html: htmlTable(['', 'merged', 'plain right', 'merged right'], [base, ...rows]),
    },
  ];
}

function kindRow(label: string, { steps }: Score): string[] {
  if (steps === undefined) return [label];
  const { plain, merged, other } = steps.sampled;
  const all = plain.steps + merged.steps + other.steps;
  return [label, percent(all === 0 ? 0 : merged.steps / all), percent(shareRight(plain)), percent(shareRight(merged))];
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
