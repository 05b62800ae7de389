/** What was tried for every method, and how the choice carried over. */
import type { Settings } from '@svo/recipes';
import type { Row } from '../../cell.ts';
import { cellOf, gentle, gentleMethods, settingsOf, tunedMethods, tuningSizes } from '../../parts.ts';
import { type Tuned, tunedOn, tuningGrid } from '../../tuning.ts';
import { methodLabels } from '../labels.ts';
import { show, table } from '../markdown.ts';
import { shared } from '../plots.ts';
import { accuracy, rowsOf } from '../scores.ts';

/** Mean of greedy and sampled accuracy over the tuning seeds, for every setting that was tried: the best, and how far the worst lies. */
export function tuned(rows: readonly Row[], method: Tuned): { settings: Settings; score: number }[] {
  return tuningGrid[method]
    .flatMap((settings) => {
      const found = rowsOf(rows, {
        method,
        settings,
        training: 1,
        sizes: tuningSizes,
        values: 'prefix',
      });
      const scores = found.map((row) => (50 * (row.greedy + row.sampled)) / row.of);
      return scores.length < tunedOn(method)
        ? []
        : [{ settings, score: scores.reduce((sum, x) => sum + x, 0) / scores.length }];
    })
    .toSorted((a, b) => b.score - a.score);
}

export function tuningTable(rows: readonly Row[]): string {
  return table(
    ['', 'best β', 'best rate', 'its score', 'middle of the six', 'worst of the six', 'data seeds'],
    tunedMethods.map((method) => {
      const tried = tuned(rows, method);
      if (tried.length < tuningGrid[method].length) return [];
      const [best, worst] = [tried[0]!, tried.at(-1)!];
      const middle = (tried[2]!.score + tried[3]!.score) / 2;
      const beta = method === 'rft' ? '–' : String(best.settings.beta);
      return [
        methodLabels[method],
        beta,
        best.settings.learningRate.toExponential().replace('e-', 'e−'),
        ...[best.score, middle, worst.score].map((score) => score.toFixed(1)),
        String(tunedOn(method)),
      ];
    }),
  );
}

/** Pairs at the gentler setting, beside the one that was chosen. */
export function transferTable(rows: readonly Row[]): string {
  return table(
    ['', 'chosen: greedy', 'chosen: sampled', 'gentler: greedy', 'gentler: sampled'],
    gentleMethods.map((method) => [
      methodLabels[method],
      ...[settingsOf(method), gentle(method)].flatMap((settings) =>
        (['greedy', 'sampled'] as const).map((decoding) =>
          show(accuracy(rows, shared(cellOf(method, 0, 0, { settings })), decoding)),
        ),
      ),
    ]),
  );
}
