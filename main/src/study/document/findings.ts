/** Each finding of the papers beside ours, with a verdict that follows from the interval. */
import { isDeepStrictEqual } from 'node:util';
import type { Cell, Row } from '../cell.ts';
import { cellOf, drawSizes, figure7Cell, gentle, openEnds, roundsChange } from '../parts.ts';
import { methodLabels } from './labels.ts';
import { decodings, rate, signed, table } from './markdown.ts';
import { shared } from './plots.ts';
import { difference, type Found } from './scores.ts';
import { ofData, ofTuning } from './split.ts';

interface Finding {
  readonly claim: string;
  /** The paper's number, and where it stands. */
  readonly paper: string;
  /** What is compared here: the side that should win first. */
  readonly ours: string;
  readonly sides: readonly [Cell, Cell];
  /** Compared on the seeds that settings are chosen on: maps, which nothing is chosen by. */
  readonly tuning?: true;
}

const at = (method: Cell['method'], change: Partial<Cell> = {}): Cell => cellOf(method, 0, 0, change);
const trees = { values: 'search' } as const;
/** A rate at which two hundred updates are few. */
const slow = { beta: 0.03, rate: 1e-4 } as const;

/** DVO's table 1: Llama 3 8B Instruct on GSM8K and MATH, in points. */
const over = {
  rft: '+5.0 on GSM8K, +3.1 on MATH',
  dpo: '+5.3, +4.2',
  kto: '+4.6, +2.4',
  'step-dpo': '+4.0, +3.2',
} as const;

const findings: readonly Finding[] = [
  ...(['rft', 'dpo', 'kto', 'step-dpo'] as const).flatMap((method): Finding[] =>
    ([trees, {}] as const).map((change) => ({
      claim: 'values' in change ? `DVO is above ${methodLabels[method]}` : 'the same',
      paper: 'values' in change ? `${over[method]} (DVO, table 1)` : 'as above',
      ours: 'values' in change ? 'from trees, as there' : 'from draws',
      sides: [at('dvo', change), at(method, change)],
    })),
  ),
  ...(['dpo', 'step-dpo'] as const).map((method) => ({
    claim: `the same, ${methodLabels[method]} at its gentler setting`,
    paper: 'as above',
    ours: 'from draws, pairs at β 0.3 and rate 1e−4',
    sides: [at('dvo'), at(method, { settings: gentle(method) })] as const,
  })),
  {
    claim: 'OREO is below DVO',
    paper: 'DVO, figure 8, without digits',
    ours: 'DVO against OREO, from draws',
    sides: [at('dvo'), at('oreo')],
  },
  {
    claim: 'step credits are above one credit for the response',
    paper: 'DVO, figure 7, without digits',
    ours: 'from draws',
    sides: [at('dvo'), at('dvo-response')],
  },
  {
    claim: 'the same',
    paper: 'as above',
    ours: 'from trees',
    sides: [at('dvo', trees), at('dvo-response', trees)],
  },
  {
    claim: 'the same, credits of 64 draws a question',
    paper: 'as above',
    ours: 'from draws',
    sides: [at('dvo', { sizes: drawSizes[1]! }), at('dvo-response', { sizes: drawSizes[1]! })],
  },
  {
    claim: 'the same, with few updates’ worth of rate',
    paper: 'as above',
    ours: `β ${slow.beta}, rate ${rate(slow.rate)}, from draws`,
    sides: [figure7Cell('dvo', slow.beta, slow.rate), figure7Cell('dvo-response', slow.beta, slow.rate)],
    tuning: true,
  },
  {
    claim: 'the same, where the response’s credit is the outcome alone',
    paper: 'as above',
    ours: 'step credits against r, from draws',
    sides: [at('dvo'), at('dvo-outcome')],
  },
  {
    claim: 'one credit for the response is above DPO',
    paper: 'DVO, section 6.5, without digits',
    ours: 'from draws',
    sides: [at('dvo-response'), at('dpo')],
  },
  {
    claim: 'values by search are above a value model’s',
    paper: 'DVO, figure 3, without digits',
    ours: 'MCTS against an outcome value model',
    sides: [at('dvo', trees), at('dvo', { values: 'model' })],
  },
  {
    claim: 'the same, values by shared prefixes',
    paper: 'as above',
    ours: '16 draws against an outcome value model',
    sides: [at('dvo'), at('dvo', { values: 'model' })],
  },
  {
    claim: 'unbiased values are better (ours)',
    paper: '–',
    ours: '16 rollouts a state against shared prefixes',
    sides: [at('dvo', { values: 'rollouts' }), at('dvo')],
  },
  {
    claim: 'more search is better',
    paper: '“beyond 40 generally lead to better results” (DVO, figure 4b)',
    ours: '80 iterations against 10, DVO',
    sides: [at('dvo', { ...trees, iterations: 80 }), at('dvo', { ...trees, iterations: 10 })],
  },
  {
    claim: 'three rounds are above one',
    paper: 'DVO trains for three',
    ours: 'DVO, 100 questions a round, from draws',
    sides: [at('dvo', roundsChange(3)), at('dvo', roundsChange(1))],
  },
  {
    claim: 'step-level SVPO is above DPO',
    paper: '+2.8 on GSM8K, +2.4 on MATH (SVPO, table 3)',
    ours: 'from trees',
    sides: [at('svpo', trees), at('dpo', trees)],
  },
  {
    claim: 'SVPO’s regulariser helps',
    paper: '+1.5, +1.2 (SVPO, table 3)',
    ours: 'with it against without, from trees',
    sides: [at('svpo', trees), at('svpo-no-tie', trees)],
  },
  {
    claim: 'SVPO’s margin helps',
    paper: '+0.5, +1.9 by beams (SVPO, table 5)',
    ours: 'with it against without, from trees, without beams',
    sides: [at('svpo', trees), at('svpo-no-margin', trees)],
  },
  {
    claim: 'DQO is above DPO',
    paper: 'above it on GSM8K and MATH (DQO, abstract)',
    ours: 'from draws',
    sides: [at('dqo'), at('dpo')],
  },
  {
    claim: 'DQO is above DRO',
    paper: 'as above',
    ours: 'from draws',
    sides: [at('dqo'), at('dro')],
  },
  {
    claim: 'DQO’s λ below 1 costs',
    paper: '0.95 falls “significantly” (DQO, section 5.4)',
    ours: 'λ 1 against 0.95, from draws',
    sides: [at('dqo'), at('dqo-0.95')],
  },
  {
    claim: 'DQO’s importance weights help',
    paper: '“significant” drops without (DQO, section 5.4)',
    ours: 'with against without, one round, from draws',
    sides: [at('dqo'), at('dqo-unweighted')],
  },
  {
    claim: 'rewards by steps help DQO',
    paper: 'improve it (DQO, section 5)',
    ours: 'credits against the outcome as rewards, from draws',
    sides: [at('dqo-steps'), at('dqo')],
  },
  {
    claim: 'a step’s end belongs to the step (ours)',
    paper: 'DVO’s code leaves it out',
    ours: 'ends scored against unscored, from draws',
    sides: [at('dvo'), at('dvo-open-ends')],
  },
  {
    claim: 'the baseline V(s₀) matters (ours)',
    paper: '–',
    ours: 'response r − V(s₀) against r alone, from draws',
    sides: [at('dvo-response'), at('dvo-outcome')],
  },
  ...(['grpo', 'vine'] as const).map((method) => ({
    claim: `DVO against ${methodLabels[method]}`,
    paper: '–',
    ours: 'from draws',
    sides: [at('dvo'), at(method)] as const,
  })),
];

export function findingsTable(rows: readonly Row[]): string {
  return table(
    ['finding', 'the paper', 'ours', 'greedy', 'sampled', 'verdict'],
    findings.map((finding) => {
      const { claim, paper, ours } = finding;
      const scored = found(rows, finding);
      const sides = [withOpenEnds(finding.sides[0]), withOpenEnds(finding.sides[1])] as const;
      // What compares scored ends with unscored ones has nothing else to fall back on.
      const unscored = isDeepStrictEqual(...sides) ? undefined : found(rows, { ...finding, sides });
      const [best, how] =
        seedsOf(unscored) > seedsOf(scored) ? [unscored, `${ours}, ends of steps unscored`] : [scored, ours];
      return best === undefined
        ? [claim, paper, ours, '–', '–', 'not yet run']
        : [claim, paper, how, signed(best.greedy), signed(best.sampled), verdict(best.greedy, best.sampled)];
    }),
  );
}

interface Both {
  readonly greedy: Found;
  readonly sampled: Found;
}

const seedsOf = (both: Both | undefined): number => both?.greedy.seeds ?? 0;

function found(rows: readonly Row[], { sides, tuning }: Finding): Both | undefined {
  const compared = tuning ? ofTuning(rows) : ofData(rows);
  const [greedy, sampled] = decodings.map((one) => difference(compared, [shared(sides[0]), shared(sides[1])], one));
  return greedy === undefined || sampled === undefined ? undefined : { greedy, sampled };
}

/** DVO was first worked out without the ends of steps; where there is nothing else, that is said. */
const withOpenEnds = (cell: Cell): Cell =>
  cell.method in openEnds ? { ...cell, method: openEnds[cell.method as keyof typeof openEnds] } : cell;

/** Holds or does not where an interval of three data seeds or more lies on one side of 0; otherwise it cannot be seen at this scale. */
export function verdict(greedy: Found, sampled: Found): string {
  if (greedy.seeds < 3) return 'too few data seeds';
  const [g, s] = [side(greedy), side(sampled)];
  if (g === s) return g === 0 ? 'cannot be seen at this scale' : g > 0 ? 'holds' : 'does not hold: the reverse';
  const words = (of: number): string => (of === 0 ? 'cannot be seen' : of > 0 ? 'holds' : 'is reversed');
  return `${words(g)} greedily, ${words(s)} sampled`;
}

const side = ({ low, high }: Found): number => (low > 0 ? 1 : high < 0 ? -1 : 0);
