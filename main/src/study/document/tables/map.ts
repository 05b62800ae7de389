import type { Row } from '../../cell.ts';
import { betasOf, mapCell, mapRates, tunedMethods } from '../../parts.ts';
import { methodLabels } from '../labels.ts';
import { decodings, open, table } from '../markdown.ts';
import { shared } from '../plots.ts';
import { accuracy } from '../scores.ts';

/** Accuracy over β and rate, greedy / sampled, on the tuning seeds. */
export function mapTable(rows: readonly Row[]): string {
  return table(
    ['', 'β', ...mapRates.map((rate) => `rate ${rate.toExponential().replace('e-', 'e−')}`)],
    tunedMethods.flatMap((method) =>
      betasOf(method).map((beta) => {
        const cells = mapRates.map((learningRate) => {
          const cell = shared(mapCell(method, beta, learningRate));
          const [greedy, sampled] = decodings.map((decoding) => accuracy(rows, cell, decoding)?.mean.toFixed(0));
          return greedy === undefined ? open : `${greedy} / ${sampled}`;
        });
        return cells.every((cell) => cell === open)
          ? []
          : [methodLabels[method], method === 'rft' ? '–' : String(beta), ...cells];
      }),
    ),
  );
}
