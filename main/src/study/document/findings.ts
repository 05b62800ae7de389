/** Each finding of the papers beside ours, with a verdict that follows from the interval. */
import type { Cell, Row } from '../cell.ts';
import type { Interval } from '../intervals.ts';
import { cellOf, drawSizes, gentle } from '../parts.ts';
import { methodLabels } from './labels.ts';
import { signed, table } from './markdown.ts';
import { shared } from './plots.ts';
import { type Decoding, difference } from './scores.ts';

interface Finding {
  readonly claim: string;
  /** The paper's number, and where it stands. */
  readonly paper: string;
  /** What is compared here: the side that should win first. */
  readonly ours: string;
  readonly sides: readonly [Cell, Cell];
}

const at = (method: Cell['method'], change: Partial<Cell> = {}): Cell => cellOf(method, 0, 0, change);
const trees = { values: 'search' } as const;

const findings: readonly Finding[] = [
  {
    claim: 'DVO beats pairs, at the setting chosen on 250 questions',
    paper: '4 to 6 points over the best of them (DVO, EMNLP 2025, abstract)',
    ours: 'DVO against DPO, from draws',
    sides: [at('dvo-open-ends'), at('dpo')],
  },
  {
    claim: 'the same, from trees',
    paper: 'as above',
    ours: 'DVO against DPO, from trees',
    sides: [at('dvo-open-ends', trees), at('dpo', trees)],
  },
  {
    claim: 'DVO beats RFT',
    paper: 'RFT is a baseline of DVO’s table 1',
    ours: 'DVO against RFT, from draws',
    sides: [at('dvo-open-ends'), at('rft')],
  },
  {
    claim: 'DVO beats KTO',
    paper: 'KTO is a baseline of DVO’s table 1',
    ours: 'DVO against KTO, from draws',
    sides: [at('dvo-open-ends'), at('kto')],
  },
  {
    claim: 'step credits beat one credit for the response',
    paper: 'DVO’s figure 7: above at every round',
    ours: 'step against response, r − V(s₀), from draws',
    sides: [at('dvo-open-ends'), at('dvo-response-open-ends')],
  },
  {
    claim: 'the same, from trees',
    paper: 'as above',
    ours: 'step against response, from trees',
    sides: [at('dvo-open-ends', trees), at('dvo-response-open-ends', trees)],
  },
  {
    claim: 'the same, read as the outcome alone',
    paper: 'as above',
    ours: 'step against the outcome r, from draws',
    sides: [at('dvo-open-ends'), at('dvo-outcome-open-ends')],
  },
  {
    claim: 'a step’s end belongs to the step (ours)',
    paper: 'its code leaves delimiters and the end out',
    ours: 'DVO with ends scored against unscored, from draws',
    sides: [at('dvo'), at('dvo-open-ends')],
  },
  {
    claim: 'the same, 64 draws a question instead of 16',
    paper: 'values want enough search (DVO, section 6)',
    ours: 'step against response, 100 questions, 64 draws each',
    sides: [at('dvo', { sizes: drawSizes[1]! }), at('dvo-response', { sizes: drawSizes[1]! })],
  },
  {
    claim: 'the baseline V(s₀) is what matters (ours)',
    paper: '–',
    ours: 'response r − V(s₀) against r alone, from draws',
    sides: [at('dvo-response-open-ends'), at('dvo-outcome-open-ends')],
  },
  {
    claim: 'search gives better values than independent draws',
    paper: 'DVO searches throughout',
    ours: 'DVO from trees against DVO from draws',
    sides: [at('dvo-open-ends', trees), at('dvo-open-ends')],
  },
  {
    claim: 'DVO beats DPO at its gentler setting',
    paper: '4 to 6 points, as above',
    ours: 'DVO against DPO, β 0.3, rate 1e-4, from draws',
    sides: [at('dvo-open-ends'), at('dpo', { settings: gentle('dpo') })],
  },
  {
    claim: 'DVO beats Step-DPO at its gentler setting',
    paper: 'as above',
    ours: 'DVO against Step-DPO, β 0.3, rate 1e-4, from draws',
    sides: [at('dvo-open-ends'), at('step-dpo', { settings: gentle('step-dpo') })],
  },
  {
    claim: 'values by search beat a value model',
    paper: 'MC estimation is above the outcome value model (DVO, figure 3)',
    ours: 'DVO, values by prefixes of draws against an outcome value model',
    sides: [at('dvo'), at('dvo', { values: 'model' })],
  },
  {
    claim: 'sixteen rollouts a state beat shared prefixes',
    paper: '–',
    ours: 'DVO, values by 16 rollouts against prefixes of 16 draws',
    sides: [at('dvo', { values: 'rollouts' }), at('dvo')],
  },
  ...(['grpo', 'vine', 'svpo', 'dqo', 'oreo', 'dro'] as const).map((method) => ({
    claim: `DVO against ${methodLabels[method]}`,
    paper: '–',
    ours: method === 'svpo' ? 'both from trees' : 'both from draws',
    sides: method === 'svpo' ? ([at('dvo', trees), at('svpo', trees)] as const) : ([at('dvo'), at(method)] as const),
  })),
  {
    claim: 'more search is better',
    paper: 'accuracy falls below about 40 iterations (DVO, section 6)',
    ours: '80 iterations against 10, DVO, ends of steps unscored',
    sides: [at('dvo-open-ends', { ...trees, iterations: 80 }), at('dvo-open-ends', { ...trees, iterations: 10 })],
  },
];

export function findingsTable(rows: readonly Row[]): string {
  return table(
    ['finding', 'the paper', 'ours', 'greedy', 'sampled', 'verdict'],
    findings.map(({ claim, paper, ours, sides }) => {
      const found = (decoding: Decoding): Interval | undefined =>
        difference(rows, [shared(sides[0]), shared(sides[1])], decoding);
      const [greedy, sampled] = [found('greedy'), found('sampled')];
      if (greedy === undefined || sampled === undefined) return [claim, paper, ours, '–', '–', 'not yet run'];
      return [claim, paper, ours, signed(greedy), signed(sampled), verdict(greedy, sampled)];
    }),
  );
}

/** Holds or does not where an interval lies on one side of 0; otherwise it cannot be seen at this scale. */
export function verdict(greedy: Interval, sampled: Interval): string {
  const [g, s] = [side(greedy), side(sampled)];
  if (g === s) return g === 0 ? 'cannot be seen at this scale' : g > 0 ? 'holds' : 'does not hold: the reverse';
  const words = (of: number): string => (of === 0 ? 'cannot be seen' : of > 0 ? 'holds' : 'is reversed');
  return `${words(g)} greedily, ${words(s)} sampled`;
}

const side = ({ low, high }: Interval): number => (low > 0 ? 1 : high < 0 ? -1 : 0);
