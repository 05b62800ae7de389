/** Step credits against one credit for the response, wherever values come from. */
import type { Cell, Method, Row } from '../../cell.ts';
import { cellOf, searchIterations, solutionSizes, valueWays } from '../../parts.ts';
import { open, show, signed, table } from '../markdown.ts';
import { shared } from '../plots.ts';
import { accuracy, difference } from '../scores.ts';

const wayLabels: Readonly<Record<Cell['values'], string>> = {
  prefix: 'shared prefixes of 16 draws (`prefixValues`)',
  search: 'MCTS, 16 iterations (`searchValues`)',
  rollouts: '16 rollouts from every state of 16 draws (`rolloutValues`)',
  model: 'a value model that learned the outcomes of 16 draws (OVM)',
};

export const valuesTable = (rows: readonly Row[]): string =>
  stepAgainstResponse(
    rows,
    'values by',
    valueWays.map((values) => [wayLabels[values], { values }]),
  );

export const iterationsTable = (rows: readonly Row[]): string =>
  stepAgainstResponse(
    rows,
    'iterations',
    searchIterations.map((iterations) => [String(iterations), { values: 'search', iterations }]),
  );

export const solutionsTable = (rows: readonly Row[]): string =>
  stepAgainstResponse(
    rows,
    'questions × draws',
    solutionSizes.map((sizes) => [`${sizes.questions} × ${sizes.draws}`, { sizes }]),
  );

/** DVO by steps and by the whole response on the same material, and what steps gain, paired. */
function stepAgainstResponse(
  rows: readonly Row[],
  what: string,
  settings: readonly (readonly [label: string, change: Partial<Cell>])[],
): string {
  return table(
    [what, 'step: greedy', 'step: sampled', 'response: greedy', 'response: sampled', 'step − response, sampled'],
    settings.map(([label, change]) => {
      const of = (method: Method): Partial<Cell> => shared(cellOf(method, 0, 0, change));
      const cells = (['dvo', 'dvo-response'] as const).flatMap((method) =>
        (['greedy', 'sampled'] as const).map((decoding) => show(accuracy(rows, of(method), decoding))),
      );
      return cells.every((cell) => cell === open)
        ? []
        : [label, ...cells, signed(difference(rows, [of('dvo'), of('dvo-response')], 'sampled'))];
    }),
  );
}
