/** What docs/study.md says in words, and what of the rows it rests on. */
import type { Cell, Row } from '../cell.ts';
import { cellOf, gentle, gentleMethods, settingsOf } from '../parts.ts';
import type { Tuned } from '../tuning.ts';
import { shared } from './plots.ts';
import { accuracy, difference, rowsOf } from './scores.ts';
import { ofData, ofTuning } from './split.ts';
import { tuned } from './tables/tuning.ts';

type Claim = readonly [words: string, rests: (rows: readonly Row[]) => boolean];

const draws = (method: Cell['method']) => shared(cellOf(method, 0, 0));
const scores = (rows: readonly Row[], method: Tuned): number[] =>
  tuned(ofTuning(rows), method).map(({ score }) => score);

export const claims: readonly Claim[] = [
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
    'pairs at a gentle rate are nearly always right greedily, and wrong half of the time sampled',
    (rows) =>
      gentleMethods.every((method) => {
        const at = shared(cellOf(method, 0, 0, { settings: gentle(method) }));
        return accuracy(ofData(rows), at, 'greedy')!.mean > 90 && accuracy(ofData(rows), at, 'sampled')!.mean < 55;
      }),
  ],
];
