/** Step credits against one credit for the response, wherever values come from. */
import type { Cell, Method, Row } from '../../cell.ts';
import { cellOf, drawSizes, openEnds, searchIterations, valueWays } from '../../parts.ts';
import { methodLabels } from '../labels.ts';
import { decodings, open, show, signed, table } from '../markdown.ts';
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

export const iterationsTable =
  (step: Method, response: Method) =>
  (rows: readonly Row[]): string =>
    stepAgainstResponse(
      rows,
      'iterations',
      searchIterations.map((iterations) => [String(iterations), { values: 'search', iterations }]),
      [step, response],
    );

export const estimatesTable = (rows: readonly Row[]): string =>
  stepAgainstResponse(
    rows,
    'draws a question',
    drawSizes.map((sizes) => [String(sizes.draws), { sizes }]),
  );

/** DVO by steps and by the whole response on the same material, and what steps gain, paired. */
function stepAgainstResponse(
  rows: readonly Row[],
  what: string,
  settings: readonly (readonly [label: string, change: Partial<Cell>])[],
  methods: readonly [step: Method, response: Method] = ['dvo', 'dvo-response'],
): string {
  return table(
    [what, 'step: greedy', 'step: sampled', 'response: greedy', 'response: sampled', 'lead, greedy', 'lead, sampled'],
    settings.map(([label, change]) => {
      const of = (method: Method): Partial<Cell> => shared(cellOf(method, 0, 0, change));
      const cells = methods.flatMap((method) => decodings.map((one) => show(accuracy(rows, of(method), one))));
      const leads = decodings.map((one) => signed(difference(rows, [of(methods[0]), of(methods[1])], one)));
      return cells.every((cell) => cell === open) ? [] : [label, ...cells, ...leads];
    }),
  );
}

/** What it brings that a step's end belongs to the step, paired. */
export function endsTable(rows: readonly Row[]): string {
  return table(
    ['', ...['draws', 'trees'].flatMap((from) => [`${from}: greedy`, `${from}: sampled`])],
    (['dvo', 'dvo-response', 'dvo-outcome'] as const).map((method) => {
      const cells = (['prefix', 'search'] as const).flatMap((values) => {
        const sides = [method, openEnds[method]].map((one) => shared(cellOf(one, 0, 0, { values })));
        return decodings.map((decoding) => signed(difference(rows, [sides[0]!, sides[1]!], decoding)));
      });
      return cells.every((cell) => cell === open) ? [] : [methodLabels[method], ...cells];
    }),
  );
}
