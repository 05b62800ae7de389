/** What docs/study.md says in words, and what of the rows it rests on. */
import type { Cell, Method, Row } from '../cell.ts';
import { readMainJob } from '../main-job.ts';
import {
  baseCell,
  cellOf,
  chainsCell,
  figure7Betas,
  figure7Cell,
  figure7Rates,
  gentle,
  gentleMethods,
  gradientMethods,
  roundsChange,
  settingsOf,
} from '../parts.ts';
import { before } from '../results.ts';
import type { ChainsTuned, Tuned } from '../tuning.ts';
import { decodings } from './markdown.ts';
import { methodClaims } from './method-claims.ts';
import { shared } from './plots.ts';
import { accuracy, type Decoding, difference, rowsOf } from './scores.ts';
import { ofData, ofTuning } from './split.ts';
import { countsOf } from './tables/main-job.ts';
import { tuned } from './tables/tuning.ts';

const runs = readMainJob();
const counts = countsOf(runs);

/** Words, and whether they rest on the rows. */
export type Claim = readonly [words: string, rests: (rows: readonly Row[]) => boolean];

const draws = (method: Cell['method']) => shared(cellOf(method, 0, 0));
const scores = (rows: readonly Row[], method: Tuned): number[] =>
  tuned(ofTuning(rows), method).map(({ score }) => score);

/** Of one seed and today's arithmetic: the table of the gradients. */
const gradients = (rows: readonly Row[]): readonly Row[] =>
  ofData(rows).filter(({ cell, bits }) => cell.seed === 1 && bits !== before);

/** Sampled, on each data seed that today's rows have of both. */
export function behindOnEvery(rows: readonly Row[], one: Method, other: Method, change: Partial<Cell>): boolean {
  const of = (method: Method): Row[] =>
    rowsOf(ofData(rows), shared(cellOf(method, 0, 0, change))).filter(({ bits }) => bits !== before);
  const others = of(other);
  return of(one).every(({ cell, sampled }) =>
    others.filter((row) => row.cell.seed === cell.seed).every((row) => sampled < row.sampled),
  );
}

/** How far step credits are ahead of one credit for the response in the map of figure 7. */
const lead = (rows: readonly Row[], beta: number, rate: number, decoding: Decoding) =>
  difference(
    ofTuning(rows),
    [shared(figure7Cell('dvo', beta, rate)), shared(figure7Cell('dvo-response', beta, rate))],
    decoding,
  )!;

const chainsAt = (method: ChainsTuned) => shared(chainsCell(method, 0, 0));

/** What a method comes to on each data seed of the chains, and how far that is above its base, in points. */
function onChains(rows: readonly Row[], method: ChainsTuned, decoding: Decoding) {
  const base = { ...shared(baseCell(0, { task: 'chains' })), method: 'base' } as const;
  return [1, 2, 3].map((seed) => {
    const [right, begun] = [chainsAt(method), base].map(
      (at) => accuracy(ofData(rows), { ...at, seed }, decoding)!.mean,
    );
    return { right: right!, gain: right! - begun! };
  });
}

export const claims: readonly Claim[] = [
  ...methodClaims,
  [
    'one round of draws teaches next to nothing',
    (rows) =>
      gradientMethods
        .filter((one) => !['cispo', 'tis', 'step-cispo', 'prime-dvo', 'prime-dqo'].includes(one))
        .every((one) => {
          const base = { ...shared(baseCell(0)), method: 'base' } as const;
          const [own, begun] = [draws(one), base].map((given) => accuracy(gradients(rows), given, 'sampled')!.mean);
          return own! - begun! < 5;
        }),
  ],
  [
    'cut the weight instead of the update, and are level with DVO',
    (rows) =>
      (['cispo', 'tis'] as const).every((one) =>
        (['greedy', 'sampled'] as const).every((decoding) => {
          const [own, dvo] = [draws(one), draws('dvo')].map(
            (given) => accuracy(gradients(rows), given, decoding)!.mean,
          );
          return Math.abs(own! - dvo!) < 6;
        }),
      ),
  ],
  [
    'its worst setting of six is still a gain',
    // The base's mean of greedy and sampled accuracy lies below 30 in every seed.
    (rows) =>
      scores(rows, 'dvo-open-ends').at(-1)! > 60 &&
      (['dpo', 'step-dpo', 'kto'] as const).every((one) => scores(rows, one).at(-1)! < 30),
  ],
  ['stays far behind sampled', (rows) => difference(ofData(rows), [draws('dvo'), draws('rft')], 'sampled')!.low > 10],
  [
    'at β 0.03 that gained nothing',
    (rows) =>
      rowsOf(rows, { method: 'dvo-outcome-open-ends', settings: { ...settingsOf('dvo') } }).every(
        ({ greedy, of }) => greedy / of < 0.3,
      ),
  ],
  [
    'pairs at a gentle rate are right about nine times in ten greedily, and less than half of the time sampled',
    (rows) =>
      gentleMethods.every((method) => {
        const at = shared(cellOf(method, 0, 0, { settings: gentle(method) }));
        const greedy = accuracy(ofData(rows), at, 'greedy')!.mean;
        return greedy > 85 && greedy < 95 && accuracy(ofData(rows), at, 'sampled')!.mean < 50;
      }),
  ],
  [
    'What it gains where answers are sampled stays, 16 and 13 points',
    (rows) =>
      gentleMethods.every((method) => {
        const at = shared(cellOf(method, 0, 0, { settings: gentle(method) }));
        const { mean, low } = difference(ofData(rows), [draws('dvo'), at], 'sampled')!;
        return low > 0 && Math.floor(mean) === (method === 'dpo' ? 16 : 13);
      }),
  ],
  [
    'At one setting of twelve the lead of steps lies off 0: two points sampled at β 0.03 and rate 1e-4',
    (rows) => {
      const leads = (decoding: Decoding) =>
        figure7Betas.flatMap((beta) =>
          figure7Rates.map((rate) => ({ beta, rate, ...lead(rows, beta, rate, decoding) })),
        );
      const off = leads('sampled').filter(({ low }) => low > 0);
      return (
        leads('greedy').every(({ low }) => low <= 0) &&
        off.length === 1 &&
        off.every(({ beta, rate, mean }) => beta === 0.03 && rate === 1e-4 && Math.round(mean) === 2)
      );
    },
  ],
  [
    'At β 0.3 the response is ahead sampled at every rate, by five to ten points',
    (rows) =>
      figure7Rates
        .map((rate) => lead(rows, 0.3, rate, 'sampled'))
        .every(({ mean, high }) => high < 0 && Math.round(-mean) >= 5 && Math.round(-mean) <= 10),
  ],
  [
    'behind on every one. DQO without importance weights is behind sampled on every one',
    (rows) =>
      behindOnEvery(rows, 'svpo-no-sft', 'svpo', { values: 'search' }) &&
      behindOnEvery(rows, 'dqo-unweighted', 'dqo', {}),
  ],
  [
    'rewards by steps leave it below its base there on three of five',
    (rows) => {
      const sampled = (given: Partial<Cell>, seed: number): number =>
        accuracy(ofData(rows), { ...given, seed }, 'sampled')!.mean;
      const base = { ...shared(baseCell(0)), method: 'base' } as const;
      const below = [1, 2, 3, 4, 5].filter((seed) => sampled(draws('dqo-steps'), seed) < sampled(base, seed));
      return below.length === 3;
    },
  ],
  [
    'Sampled accuracy gains 32 points with DVO and 8 with RFT',
    (rows) =>
      (['dvo', 'rft'] as const).every((method) => {
        const [three, one] = [3, 1].map((rounds) => shared(cellOf(method, 0, 0, roundsChange(rounds))));
        const gain = difference(ofData(rows), [three!, one!], 'sampled')!;
        return gain.seeds === 5 && Math.round(gain.mean) === (method === 'dvo' ? 32 : 8);
      }),
  ],
  [
    'from a base of 35.7 / 17.3, nothing gains: the best of DVO is 34.7 / 16.3, of RFT 31.3 / 17.3, of DPO 29.0 / 15.0, of Step-DPO 29.0 / 14.0 and of KTO 15.3 / 7.3',
    (rows) =>
      Object.entries({
        base: [35.7, 17.3],
        dvo: [34.7, 16.3],
        rft: [31.3, 17.3],
        dpo: [29, 15],
        'step-dpo': [29, 14],
        kto: [15.3, 7.3],
      } as const).every(([method, told]) => {
        const cell = method === 'base' ? baseCell(11, { task: 'chains' }) : chainsCell(method as ChainsTuned, 11, 1);
        const at = { ...shared(cell), seed: 11 };
        return decodings.every(
          (decoding, i) => accuracy(ofTuning(rows), at, decoding)!.mean.toFixed(1) === told[i]!.toFixed(1),
        );
      }),
  ],
  [
    "β 0.3 at DPO's rate is half a point ahead of the β 0.1 that was chosen before",
    (rows) => {
      const tried = tuned(ofTuning(rows), 'dpo');
      const [best, chosen] = tried;
      return (
        best!.settings.beta === 0.3 &&
        best!.settings.learningRate === settingsOf('dpo').learningRate &&
        chosen!.settings.beta === settingsOf('dpo').beta &&
        chosen!.settings.learningRate === settingsOf('dpo').learningRate &&
        Math.abs(best!.score - chosen!.score - 0.5) < 0.25
      );
    },
  ],
  [
    'RFT, DPO, Step-DPO and KTO end below their base on all three data seeds, and DVO by steps stays within three points of it, above RFT on all three, by six points in the mean',
    (rows) => {
      const [rft, dpo, stepDpo, kto, dvo] = (['rft', 'dpo', 'step-dpo', 'kto', 'dvo'] as const).map((method) =>
        onChains(rows, method, 'greedy'),
      );
      return (
        [rft, dpo, stepDpo, kto].every((own) => own!.every(({ gain }) => gain < 0)) &&
        dvo!.every(({ gain, right }, i) => Math.abs(gain) < 3.05 && right > rft![i]!.right) &&
        Math.round(difference(ofData(rows), [chainsAt('dvo'), chainsAt('rft')], 'greedy')!.mean) === 6
      );
    },
  ],
  [
    'Sampled, all but KTO stay within six points of the base, and KTO loses most of it',
    (rows) =>
      (['rft', 'dpo', 'step-dpo', 'dvo'] as const).every((method) =>
        onChains(rows, method, 'sampled').every(({ gain }) => Math.abs(gain) < 6),
      ) && onChains(rows, 'kto', 'sampled').every(({ gain, right }) => -gain > right),
  ],
  [
    'steps lead sampled on four of five seeds, by 3 to 10 points, and are level on the fifth',
    () => {
      const leads = runs.map(({ draws, of }) => (100 * (draws.dvo!.sampled - draws.dvoResponse!.sampled)) / of);
      return leads.filter((lead) => lead > 3 && lead < 10).length === 4 && leads.every((lead) => lead > -1);
    },
  ],
];

/** The same of the README, which speaks of the main job's runs alone. */
export const readmeClaims: readonly (readonly [words: string, rests: () => boolean])[] = [
  [
    'above RFT in 4 of the 5 greedily and in all of them sampled',
    () => runs.length === 5 && counts.overRft.greedy === 4 && counts.overRft.sampled === 5,
  ],
  ['above one credit for the whole response in 4 of the 5 sampled', () => counts.overResponse.sampled === 4],
  ['every base passed its gate', () => counts.gates === runs.length],
  [
    'RFT is ahead greedily and behind sampled, and the whole response is ahead of the steps',
    () =>
      runs.every(({ trees: { rft, dvo, dvoResponse } }) => {
        const greedily = rft!.greedy > dvo!.greedy && dvoResponse!.greedy > dvo!.greedy;
        return greedily && rft!.sampled < dvo!.sampled && dvo!.sampled < dvoResponse!.sampled;
      }),
  ],
];
