import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readRows } from '@svo/data';
import { showAccuracy } from '@svo/recipes';
import {
  type AccuracyPoint,
  accuracyPlot,
  creditedSolution,
  escapeHtml,
  htmlTable,
  reportPage,
  rewardPlot,
  type Section,
} from '@svo/report';
import { jsonLines } from '../shell/json-lines.ts';
import { type MetricLine, metricLines } from '../shell/metrics.ts';
import { files } from '../shell/run-folder.ts';
import { diagnosed } from '../stages/diagnosis.ts';
import { type AnswerLine, scoreOf } from '../stages/evaluation.ts';
import { treeNames } from './tree-names.ts';

/** How much of a run one page shows. */
const [mostSolutions, mostTrees] = [6, 500];

/** A run's page, from what is in its folder now: how far it is, accuracies, rewards, solutions step by step, its trees. */
export async function runPage(folder: string): Promise<string> {
  const metrics = readMetrics(folder);
  const answers = answersIn(folder);
  const over = existsSync(join(folder, files.summary));
  const stages = [...new Set(metrics.map(({ stage }) => stage))];
  const sections: Section[] = [
    ...accuracySection(answers),
    ...diagnosisSection(metrics, answers),
    ...stages.flatMap((stage) => stageSection(stage, metrics)),
    ...(await solutionSection(folder)),
    ...treeSection(folder),
  ];
  return reportPage(
    {
      title: over ? 'A run' : 'A run, under way',
      lead: folder,
      facts: [
        ['state', over ? 'done' : 'under way; this page follows it'],
        ...stages.map((stage) => {
          const last = metrics.findLast((line) => line.stage === stage)!;
          return [`${stage}: updates`, String(last.step)] as const;
        }),
        ...answers.map(({ stage, lines }) => [`${stage}: answers`, String(lines.length)] as const),
      ],
    },
    sections,
  );
}

const readMetrics = (folder: string): MetricLine[] => {
  const path = join(folder, files.metrics);
  return existsSync(path) ? metricLines(readFileSync(path, 'utf8')) : [];
};

interface Answers {
  readonly stage: string;
  readonly lines: readonly AnswerLine[];
}

/** Answers by stage, in the order in which they were begun. */
function answersIn(folder: string): Answers[] {
  return readdirSync(folder)
    .filter((name) => /^answers-.*\.jsonl$/.test(name))
    .sort((a, b) => statSync(join(folder, a)).birthtimeMs - statSync(join(folder, b)).birthtimeMs)
    .map((name) => ({
      stage: name.slice('answers-'.length, -'.jsonl'.length),
      lines: jsonLines<AnswerLine>(readFileSync(join(folder, name), 'utf8')),
    }));
}

function accuracySection(answers: readonly Answers[]): Section[] {
  if (answers.length === 0) return [];
  const scores = answers.map(({ stage, lines }) => ({ stage, ...scoreOf(lines) }));
  const points = scores.map(({ stage, accuracy, low, high }): AccuracyPoint => {
    return { label: stage, kind: stage === 'base' ? 'base' : 'round', accuracy, low, high };
  });
  const rows = scores.map((score) => [score.stage, showAccuracy(score), String(score.questions)]);
  return [
    {
      title: 'Right answers',
      note: 'Shares of the responses, with 95 % Wilson intervals.',
      html: `${accuracyPlot(points)}${htmlTable(['', 'right', 'questions'], rows)}`,
    },
  ];
}

/** What `diagnose` says of each training. A measurement under way is no accuracy yet: it has answered the first questions alone. */
function diagnosisSection(metrics: readonly MetricLine[], answers: readonly Answers[]): Section[] {
  const asked = Math.max(...answers.map(({ lines }) => lines.length));
  const accuracies = answers
    .filter(({ lines }) => lines.length === asked)
    .map(({ stage, lines }) => ({ stage, accuracy: scoreOf(lines).accuracy }));
  const items = diagnosed(metrics, accuracies).map(
    ({ stage, severity, message }) =>
      `<li><strong>${escapeHtml(`${stage}: ${severity}`)}.</strong> ${escapeHtml(message)}</li>`,
  );
  if (items.length === 0) return [];
  const note = 'Metrics, and accuracies before and after, as `diagnose` of @svo/train reads them.';
  return [{ title: 'What looks wrong', note, html: `<ul>${items.join('')}</ul>` }];
}

/** Rewards where the objective has some, the loss where it has none. */
function stageSection(stage: string, metrics: readonly MetricLine[]): Section[] {
  const lines = metrics.filter((line) => line.stage === stage);
  const number = (line: MetricLine, name: string): number => Number(line[name]);
  const rewarded = lines.filter((line) => 'rewards/chosen' in line && 'rewards/rejected' in line);
  const points = rewarded.map((line) => ({
    ...{ update: line.step, round: 1 },
    ...{ chosen: number(line, 'rewards/chosen'), rejected: number(line, 'rewards/rejected') },
  }));
  const shown = lines.filter((_, i) => i === 0 || i === lines.length - 1 || i % Math.ceil(lines.length / 10) === 0);
  const rows = shown.map((line) => [String(line.step), number(line, 'loss').toPrecision(4)]);
  return [
    {
      title: `${stage}: ${lines.length} updates`,
      note: 'βΔ of what is preferred and of what is not, where the objective compares; the loss, now and then.',
      html: `${points.length > 0 ? rewardPlot(points) : ''}${htmlTable(['update', 'loss'], rows)}`,
    },
  ];
}

/** The first solutions whose steps have credits, right and wrong. */
async function solutionSection(folder: string): Promise<Section[]> {
  const rows = readdirSync(folder).filter((name) => /^rows-.*\.jsonl$/.test(name));
  const shown: string[] = [];
  for (const name of rows.slice(-1))
    for await (const row of readRows(join(folder, name))) {
      if (shown.length === mostSolutions) break;
      const { prompt, completions, q_credits: credits, values, reward } = row as unknown as Valued;
      if (completions.length < 2 || credits === undefined || values === undefined) continue;
      const steps = completions.map((text, t) => ({ text, credit: credits[t]!, value: values[t]! }));
      shown.push(creditedSolution({ prompt, right: (reward ?? 0) > 0, steps }));
    }
  if (shown.length === 0) return [];
  const note = 'Colour is the credit c = r + V(s′) − V(s): red steps lost the answer.';
  return [{ title: 'Solutions, step by step', note, html: `<div class="wide solutions">${shown.join('')}</div>` }];
}

interface Valued {
  readonly prompt: string;
  readonly completions: readonly string[];
  readonly q_credits?: readonly number[];
  readonly values?: readonly number[];
  readonly reward?: number;
}

function treeSection(folder: string): Section[] {
  const names = treeNames(folder);
  if (names.length === 0) return [];
  const links = names.slice(0, mostTrees).map((name, i) => {
    return `<a href="/tree/${i}">${escapeHtml(name)}</a>`;
  });
  const more = names.length > mostTrees ? ` The first ${mostTrees} are listed.` : '';
  return [
    {
      title: `${names.length} trees`,
      note: `Each opens as a page to unfold.${more}`,
      html: `<p>${links.join(' ')}</p>`,
    },
  ];
}
