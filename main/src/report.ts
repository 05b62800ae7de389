/** report.html: what a person opens after a run. */
import { type Tree, toHtml, treeSummary } from '@svo/mcts';
import type { ValuedTrajectory } from '@svo/mdp';
import {
  type AccuracyPoint,
  accuracyPlot,
  creditedSolution,
  escapeHtml,
  htmlTable,
  type RewardPoint,
  reportPage,
  rewardPlot,
} from '@svo/report';
import { byQuestion } from './by-question.ts';
import type { Job } from './job.ts';
import type { Round } from './round.ts';
import { files } from './run-folder.ts';
import type { Summary } from './summary.ts';

/** Draws the run: accuracy by round, implicit rewards, a tree, two solutions with their credits, and the time. */
export async function writeReport(job: Job, summary: Summary, rounds: readonly Round[]): Promise<void> {
  const { options, engine, dataset, run } = job;
  const last = summary.rounds.at(-1)!;
  const points = 100 * (last.accuracy - summary.base.accuracy);
  const tree = interestingTree(rounds[0]!.trees);
  const head = {
    title: 'A model that improves its own reasoning',
    lead: `${options.objective.toUpperCase()} on ${dataset.name}: search with the current policy, value every step, train on the values, and again.`,
    facts: [
      ['SFT base', percent(summary.base.accuracy)],
      [`after ${summary.rounds.length} rounds`, percent(last.accuracy)],
      ['gain', `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(1)} points`],
      ['RFT, same trees', percent(summary.rft.accuracy)],
      ['seed', String(options.seed)],
      ['backend', engine.name],
      ['time', `${summary.seconds.toFixed(0)} s`],
      ['peak memory', `${summary.peakRssMb} MB`],
    ] as const,
  };
  const html = reportPage(head, [
    {
      title: 'Accuracy by round',
      note: `Greedy answers to ${summary.testQuestions} unseen questions; bars are 95 % Wilson intervals. RFT is SFT on the correct trajectories of the same trees, for the same number of updates.`,
      html: accuracyPlot(accuracyPoints(summary)),
    },
    {
      title: 'Implicit reward of steps',
      note: 'βΔ of the steps that are preferred (positive credit, or chosen) and of those that are not, as training goes on; dashed lines begin a round.',
      html: rewardPlot(rewardPoints(job, summary.rounds.length)),
    },
    {
      title: 'A right and a wrong solution, step by step',
      note: 'Colour is DVO’s credit: how much a step changed the value of where it led. V is the value the search gave to the state before the step.',
      html: solutions(rounds[0]!.trajectories),
    },
    {
      title: 'Where the time went',
      html: htmlTable(
        ['stage', 'seconds'],
        Object.entries(summary.stages).map(([stage, seconds]) => [stage, seconds.toFixed(1)]),
      ),
    },
    {
      title: 'A search tree',
      note: `Round 1, ${treeSummary(tree).nodes} nodes. Open a step to see what followed it; values run from −1 (wrong) to +1 (right).`,
      html: `<iframe class="tree" title="a search tree" srcdoc="${escapeHtml(toHtml(tree))}"></iframe>`,
    },
  ]);
  await run.write(files.report, html);
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function accuracyPoints(summary: Summary): AccuracyPoint[] {
  return [
    { label: 'SFT base', kind: 'base', ...summary.base },
    ...summary.rounds.map((round, i) => ({ label: `round ${i + 1}`, kind: 'round' as const, ...round })),
    { label: 'RFT', kind: 'comparison', ...summary.rft },
  ];
}

function rewardPoints({ metrics }: Job, rounds: number): RewardPoint[] {
  const points: RewardPoint[] = [];
  const lines = metrics.lines();
  for (let round = 1; round <= rounds; round++) {
    for (const line of lines) {
      const { 'rewards/chosen': chosen, 'rewards/rejected': rejected } = line;
      if (line.stage === `round-${round}` && typeof chosen === 'number' && typeof rejected === 'number')
        points.push({ update: points.length + 1, round, chosen, rejected });
    }
  }
  return points;
}

/** The tree that shows most: right and wrong endings both, a root in doubt, and enough nodes to unfold. */
function interestingTree(trees: readonly Tree[]): Tree {
  const doubt = (tree: Tree): number => {
    const { nodes, outcomes } = treeSummary(tree);
    const both = outcomes.correct > 0 && outcomes.wrong > 0;
    return (both ? Math.abs(tree.values[0]!) : 2) + (nodes < 20 ? 1 : 0);
  };
  return [...trees].sort((a, b) => doubt(a) - doubt(b))[0]!;
}

/** A right and a wrong trajectory of one question, where the credits differ most from step to step. */
function solutions(trajectories: readonly ValuedTrajectory[]): string {
  const strength = ({ credits }: ValuedTrajectory): number => Math.max(...credits.map(Math.abs));
  const pairs = byQuestion(trajectories).flatMap((group) => {
    const right = group.find(({ reward }) => reward > 0);
    const wrong = group.find(({ reward }) => reward < 0);
    return right && wrong && wrong.steps.length > 2 ? [[right, wrong] as const] : [];
  });
  const shown = pairs.sort((a, b) => strength(b[0]) + strength(b[1]) - strength(a[0]) - strength(a[1]))[0];
  if (!shown) return '<p>No question had both a right and a wrong trajectory.</p>';
  return shown
    .map(({ prompt, reward, steps, credits, values }) =>
      creditedSolution({
        prompt,
        right: reward > 0,
        steps: steps.map((text, i) => ({ text, credit: credits[i]!, value: values[i]! })),
      }),
    )
    .join('');
}
