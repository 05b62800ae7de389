/** Accuracy over β and rate. */
import type { Cell, Row } from '../../cell.ts';
import { figure7Betas, figure7Cell, figure7Rates, mapCell, mapRates, tunedMethods } from '../../parts.ts';
import { tunedAtFirst, tuningGrid } from '../../tuning.ts';
import { methodLabels } from '../labels.ts';
import { decodings, olderMark, open, rate, signed, table } from '../markdown.ts';
import { shared } from '../plots.ts';
import { accuracy, difference } from '../scores.ts';

/** Greedy / sampled on the tuning seeds, 250 questions: the places of the tuning. */
export function mapTable(rows: readonly Row[]): string {
  return table(
    ['', 'β', ...mapRates.map(rate)],
    [...tunedMethods, ...tunedAtFirst].flatMap((method) =>
      [...new Set(tuningGrid[method].map(({ beta }) => beta))].map((beta) => {
        const cells = mapRates.map((learningRate) => both(rows, shared(mapCell(method, beta, learningRate)), 0));
        return cells.every((cell) => cell === open)
          ? []
          : [methodLabels[method], method === 'rft' ? '–' : String(beta), ...cells];
      }),
    ),
  );
}

/** By how much step credits lead one credit for the response at each β and rate, paired within seeds that nothing else is reported of. */
export function figure7Table(rows: readonly Row[]): string {
  return table(
    ['β', 'rate', 'step: greedy / sampled', 'response: greedy / sampled', 'lead, greedy', 'lead, sampled'],
    figure7Betas.flatMap((beta) =>
      figure7Rates.map((learningRate) => {
        const sides = (['dvo', 'dvo-response'] as const).map((method) =>
          shared(figure7Cell(method, beta, learningRate)),
        ) as [Partial<Cell>, Partial<Cell>];
        const leads = decodings.map((decoding) => difference(rows, sides, decoding));
        return leads[0] === undefined
          ? []
          : [String(beta), rate(learningRate), ...sides.map((side) => both(rows, side, 1)), ...leads.map(signed)];
      }),
    ),
  );
}

function both(rows: readonly Row[], given: Partial<Cell>, digits: number): string {
  const [greedy, sampled] = decodings.map((decoding) => accuracy(rows, given, decoding));
  return greedy === undefined
    ? open
    : `${greedy.mean.toFixed(digits)} / ${sampled!.mean.toFixed(digits)}${greedy.older ? ` ${olderMark}` : ''}`;
}
