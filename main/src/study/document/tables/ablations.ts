import type { Objective } from '@svo/recipes';
import type { Cell, Method, Row } from '../../cell.ts';
import { overSeeds } from '../../intervals.ts';
import { cellOf, dqoVariants, svpoVariants } from '../../parts.ts';
import { before } from '../../results.ts';
import { methodLabels } from '../labels.ts';
import { decodings, open, show, signed, table } from '../markdown.ts';
import { shared } from '../plots.ts';
import { accuracy, difference, rowsOf } from '../scores.ts';

/** SVPO and DQO with one thing changed, and what the change costs or brings, paired. */
export function ablationsTable(all: readonly Row[]): string {
  const rows = all.filter(({ bits }) => bits !== before);
  const lines: readonly (readonly [Method, Objective, Partial<Cell>])[] = [
    ['svpo', 'svpo', { values: 'search' }],
    ...svpoVariants.map((one) => [one, 'svpo', { values: 'search' }] as const),
    ['dqo', 'dqo', {}],
    ...dqoVariants.map((one) => [one, 'dqo', {}] as const),
  ];
  return table(
    ['', 'greedy', 'sampled', 'change, greedy', 'change, sampled'],
    lines.map(([method, of, change]) => {
      const [own, whole] = [shared(cellOf(method, 0, 0, change)), shared(cellOf(of, 0, 0, change))];
      const cells = decodings.map((decoding) => show(accuracy(rows, own, decoding)));
      if (cells.every((cell) => cell === open)) return [];
      const changes = decodings.map((decoding) =>
        method === of ? '' : signed(difference(rows, [own, whole], decoding)),
      );
      return [methodLabels[method], ...cells, ...changes];
    }),
  );
}

/** SVPO's policy alone, and with its value head choosing among its steps. */
export function beamsTable(rows: readonly Row[]): string {
  const given = shared(cellOf('svpo', 0, 0, { values: 'search' }));
  const own = rowsOf(rows, given).filter(({ beams, bits }) => beams && bits !== before);
  const seeds = [...new Set(own.map(({ cell }) => cell.seed))];
  const searched = (count: 1 | 3) => ({
    ...overSeeds(
      seeds.map((seed) =>
        own.filter(({ cell }) => cell.seed === seed).map(({ beams }) => (100 * beams![count]) / beams!.of),
      ),
    ),
    older: false,
  });
  return own.length === 0
    ? table([], [])
    : table(
        ['greedy', 'sampled', 'one beam of five', 'three beams of five'],
        [[...decodings.map((decoding) => show(accuracy(rows, given, decoding))), show(searched(1)), show(searched(3))]],
      );
}
