import type { Objective } from '@svo/recipes';
import type { Cell, Method, Row } from '../../cell.ts';
import { cellOf, dqoVariants, svpoVariants } from '../../parts.ts';
import { methodLabels } from '../labels.ts';
import { decodings, open, show, signed, table } from '../markdown.ts';
import { shared } from '../plots.ts';
import { accuracy, difference } from '../scores.ts';

/** SVPO and DQO with one thing changed, and what the change costs or brings, paired. */
export function ablationsTable(rows: readonly Row[]): string {
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
