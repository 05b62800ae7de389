/** What docs/study.md says in words of its main table, and what of the rows it rests on. */
import type { Cell, Method, Row } from '../cell.ts';
import { cellOf, drawSizes, searchIterations, valueWays } from '../parts.ts';
import type { Claim } from './claims.ts';
import { decodings } from './markdown.ts';
import { shared } from './plots.ts';
import { accuracy, type Decoding, difference } from './scores.ts';
import { ofData } from './split.ts';

const trees = { values: 'search' } as const;

/** Means by data seed, of the arithmetic the tables take. */
const bySeed = (rows: readonly Row[], method: Method, decoding: Decoding, change: Partial<Cell> = {}): number[] =>
  [1, 2, 3, 4, 5].map((seed) => accuracy(rows, { ...shared(cellOf(method, 0, 0, change)), seed }, decoding)!.mean);

/** How far one method, or one setting, is ahead of another. */
const lead = (rows: readonly Row[], [one, other]: readonly [Cell, Cell], decoding: Decoding) =>
  difference(ofData(rows), [shared(one), shared(other)], decoding)!;

/** The same of two methods on the same ground. */
const leadOf = (
  rows: readonly Row[],
  [one, other]: readonly [Method, Method],
  decoding: Decoding,
  change: Partial<Cell> = {},
) => lead(rows, [cellOf(one, 0, 0, change), cellOf(other, 0, 0, change)], decoding);

/** Whether the interval of a lead lies above 0. */
const ahead = (...of: Parameters<typeof leadOf>): boolean => leadOf(...of).low > 0;

/** What more iterations of the search change. */
function ofSearch(rows: readonly Row[], method: Method, [few, many]: readonly [number, number], decoding: Decoding) {
  const at = (iterations: number): Cell => cellOf(method, 0, 0, { ...trees, iterations });
  return lead(rows, [at(many), at(few)], decoding);
}

export const methodClaims: readonly Claim[] = [
  [
    'is ahead of RFT, DPO, GRPO and VinePPO either way**, and of SVPO and of the outcome alone where answers are sampled',
    (rows) =>
      (['rft', 'dpo', 'grpo', 'vine'] as const).every((other) =>
        decodings.every((decoding) => ahead(rows, ['dvo', other], decoding)),
      ) && (['svpo', 'dvo-outcome'] as const).every((other) => ahead(rows, ['dvo', other], 'sampled')),
  ],
  [
    'KTO, Step-DPO, DQO and DRO it cannot be told from. OREO is ahead of it greedily and behind',
    (rows) =>
      (['kto', 'step-dpo', 'dqo', 'dro'] as const).every((other) =>
        decodings.every((decoding) => !ahead(rows, ['dvo', other], decoding) && !ahead(rows, [other, 'dvo'], decoding)),
      ) &&
      ahead(rows, ['oreo', 'dvo'], 'greedy') &&
      ahead(rows, ['dvo', 'oreo'], 'sampled'),
  ],
  [
    'From trees DVO is ahead of DPO and Step-DPO either way',
    (rows) =>
      (['dpo', 'step-dpo'] as const).every((other) =>
        decodings.every((decoding) => ahead(rows, ['dvo', other], decoding, trees)),
      ),
  ],
  [
    'RFT and KTO are ahead of it greedily on every data seed**, and where answers are sampled neither can be told',
    (rows) =>
      (['rft', 'kto'] as const).every(
        (other) =>
          bySeed(rows, other, 'greedy', trees).every((own, i) => own > bySeed(rows, 'dvo', 'greedy', trees)[i]!) &&
          !ahead(rows, [other, 'dvo'], 'sampled', trees) &&
          !ahead(rows, ['dvo', other], 'sampled', trees),
      ),
  ],
  [
    'OREO and DVO with the outcome alone are ahead of it greedily too: from trees, credits by steps are the weakest of the three kinds of credit here greedily',
    (rows) =>
      (['oreo', 'dvo-outcome'] as const).every((other) => ahead(rows, [other, 'dvo'], 'greedy', trees)) &&
      (['dvo-response', 'dvo-outcome'] as const).every(
        (other) =>
          accuracy(ofData(rows), shared(cellOf(other, 0, 0, trees)), 'greedy')!.mean >
          accuracy(ofData(rows), shared(cellOf('dvo', 0, 0, trees)), 'greedy')!.mean,
      ),
  ],
  [
    "Greedily the response's credit is ahead of the steps' at every number of iterations",
    (rows) =>
      searchIterations.every((iterations) => ahead(rows, ['dvo-response', 'dvo'], 'greedy', { ...trees, iterations })),
  ],
  [
    'from 10 to 40 iterations steps gain fourteen points and the response sixteen, and from 40 to 80 no change of either can be told from none',
    (rows) =>
      (['dvo', 'dvo-response'] as const).every((method) => {
        const rise = ofSearch(rows, method, [10, 40], 'greedy');
        const rest = ofSearch(rows, method, [40, 80], 'greedy');
        const points = method === 'dvo' ? 14 : 16;
        return rise.low > 0 && Math.round(rise.mean) === points && rest.low < 0 && rest.high > 0;
      }),
  ],
  [
    'Sampled, from 10 to 80 the response loses eighteen points, and what steps change cannot be told from none',
    (rows) => {
      const [steps, response] = (['dvo', 'dvo-response'] as const).map((method) =>
        ofSearch(rows, method, [10, 80], 'sampled'),
      );
      return response!.high < 0 && Math.round(response!.mean) === -18 && steps!.low < 0 && steps!.high > 0;
    },
  ],
  [
    'with 64 draws DVO by steps gains nine points sampled and six greedily, and what the response gains cannot be told from none',
    (rows) =>
      decodings.every((decoding) => {
        const [steps, response] = (['dvo', 'dvo-response'] as const).map((method) =>
          lead(rows, [cellOf(method, 0, 0, { sizes: drawSizes[1]! }), cellOf(method, 0, 0)], decoding),
        );
        const points = decoding === 'sampled' ? 9 : 6;
        return steps!.low > 0 && Math.round(steps!.mean) === points && response!.low < 0 && response!.high > 0;
      }),
  ],
  [
    'Sampled, steps are then ahead of the response on every data seed, by six points in the mean, which five seeds do not yet tell from none',
    (rows) => {
      const change = { sizes: drawSizes[1]! };
      const [steps, response] = (['dvo', 'dvo-response'] as const).map((one) => bySeed(rows, one, 'sampled', change));
      const { mean, low } = leadOf(rows, ['dvo', 'dvo-response'], 'sampled', change);
      return steps!.every((own, i) => own > response![i]!) && Math.round(mean) === 6 && low < 0;
    },
  ],
  [
    'its data seeds go from 50 to 86 %',
    (rows) => {
      const seeds = bySeed(rows, 'kto', 'sampled').toSorted((a, b) => a - b);
      return Math.round(seeds[0]!) === 50 && Math.round(seeds.at(-1)!) === 86;
    },
  ],
  [
    'the baseline is worth eleven points sampled; its nine greedily cannot be told from none',
    (rows) =>
      decodings.every((decoding) => {
        const { mean, low } = leadOf(rows, ['dvo-response', 'dvo-outcome'], decoding);
        return decoding === 'greedy' ? low < 0 && Math.round(mean) === 9 : low > 0 && Math.round(mean) === 11;
      }),
  ],
  [
    'with rollouts from every state, the dearest and the only unbiased ones, by eleven points',
    (rows) => {
      const steps = (values: Cell['values'], decoding: Decoding) =>
        leadOf(rows, ['dvo', 'dvo-response'], decoding, { values });
      const rollouts = steps('rollouts', 'greedy');
      return (
        rollouts.high < 0 &&
        Math.round(rollouts.mean) === -11 &&
        valueWays.every((values) => {
          const { low, high } = steps(values, 'sampled');
          return steps(values, 'greedy').mean < 0 && low < 0 && high > 0;
        })
      );
    },
  ],
];
