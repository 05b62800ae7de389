/** What docs/hyper-parameters.md says of the study in words, and what of the rows it rests on. */
import type { Settings } from '@svo/recipes';
import { baseCell, cellOf, gentleMethods, pairPlaces, tuningSizes } from '../parts.ts';
import type { Tuned } from '../tuning.ts';
import { behindOnEvery, type Claim } from './claims.ts';
import { decodings } from './markdown.ts';
import { shared } from './plots.ts';
import { accuracy, difference } from './scores.ts';
import { ofData, ofTuning } from './split.ts';
import { tuned } from './tables/tuning.ts';

export const settingsClaims: readonly Claim[] = [
  [
    'Pairs, KTO and DQO lose more than fifty points between their best setting and their worst, DVO less than twenty',
    (rows) => {
      const apart = (method: Tuned): number => {
        const scores = tuned(ofTuning(rows), method).map(({ score }) => score);
        return scores[0]! - scores.at(-1)!;
      };
      return (
        (['dpo', 'step-dpo', 'kto', 'dqo'] as const).every((one) => apart(one) > 50) &&
        (['dvo-open-ends', 'dvo-response-open-ends'] as const).every((one) => apart(one) < 20)
      );
    },
  ],
  [
    '1e−3 was their worst rate',
    (rows) =>
      (['dpo', 'step-dpo'] as const).every(
        (method) => tuned(ofTuning(rows), method).at(-1)!.settings.learningRate === 1e-3,
      ),
  ],
  [
    'DPO and Step-DPO gain less than six points over the base there, and the hotter places far more',
    (rows) =>
      gentleMethods.every((method) =>
        decodings.every((decoding) => {
          const base = shared(baseCell(0, { sizes: tuningSizes }));
          const gain = (settings: Settings): number =>
            accuracy(ofTuning(rows), shared(cellOf(method, 0, 0, { settings, sizes: tuningSizes })), decoding)!.mean -
            accuracy(ofTuning(rows), { ...base, method: 'base' }, decoding)!.mean;
          const [chosen, third, tenth] = pairPlaces(method).map(gain);
          return tenth! > 0 && tenth! < 6 && Math.min(chosen!, third!) > 2 * tenth!;
        }),
      ),
  ],
  [
    'At 0.1 it falls below the base',
    // The base's mean of greedy and sampled accuracy lies above 20 in the mean of the seeds.
    (rows) => {
      const { settings, score } = tuned(ofTuning(rows), 'kto').at(-1)!;
      return settings.beta === 0.1 && score < 20;
    },
  ],
  [
    'Without it the policy was behind on every data seed',
    (rows) => behindOnEvery(rows, 'svpo-no-sft', 'svpo', { values: 'search' }),
  ],
  [
    'Rewards by steps were worse here',
    (rows) =>
      decodings.every(
        (decoding) =>
          difference(ofData(rows), [shared(cellOf('dqo-steps', 0, 0)), shared(cellOf('dqo', 0, 0))], decoding)!.mean <
          0,
      ),
  ],
];
